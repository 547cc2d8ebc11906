import Distributed
import Lockstep

@Replicated
distributed actor PlainGeneric<Value: Sendable> {
    distributed func add(_ value: Value) {}
    // expected-error @-1 {{parameter '_' of type 'Value' in distributed instance method does not conform to serialization requirement 'Decodable'}}
}
