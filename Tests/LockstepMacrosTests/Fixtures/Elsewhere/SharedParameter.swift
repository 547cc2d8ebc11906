import Distributed
import Lockstep

final class SharedArgument: Codable {}

@Replicated
distributed actor SharedParameter {
    distributed func add(_ argument: SharedArgument) {}
    // error @-1: type 'SharedArgument' does not conform to the 'Sendable' protocol
}
