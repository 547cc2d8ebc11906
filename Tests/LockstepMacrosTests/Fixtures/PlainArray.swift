import Distributed
import Lockstep

struct PlainElement {}

@Replicated
distributed actor PlainArray {
    distributed func add(_ elements: [PlainElement]) {}
    // expected-error @-1 {{parameter '_' of type '[PlainElement]' in distributed instance method does not conform to serialization requirement 'Decodable'}}
}
