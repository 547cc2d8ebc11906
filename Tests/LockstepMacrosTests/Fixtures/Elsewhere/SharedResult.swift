import Distributed
import Lockstep

final class SharedValue: Codable {}

@Replicated
distributed actor SharedResult {
    @Query distributed func find() -> SharedValue? { nil }
    // error @-1: type 'SharedValue' does not conform to the 'Sendable' protocol
}
