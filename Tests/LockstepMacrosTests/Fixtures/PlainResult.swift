import Distributed
import Lockstep

struct PlainValue {}

@Replicated
distributed actor PlainResult {
    distributed func make() -> PlainValue { PlainValue() }
    // expected-error @-1 {{result type 'PlainValue' of distributed instance method 'make' does not conform to serialization requirement 'Decodable'}}
}
