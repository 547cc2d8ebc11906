import Distributed
import Lockstep

struct PlainArgument {}

@Replicated
distributed actor PlainParameter {
    distributed func add(_ argument: PlainArgument) {}
    // expected-error @-1 {{parameter '_' of type 'PlainArgument' in distributed instance method does not conform to serialization requirement 'Decodable'}}

    distributed func clear() {}
}
