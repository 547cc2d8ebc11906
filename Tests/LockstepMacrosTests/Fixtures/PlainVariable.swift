import Distributed
import Lockstep

struct PlainContent {}

@Replicated
distributed actor PlainVariable {
    distributed var content: PlainContent? { nil }
    // expected-error @-1 {{result type 'PlainContent?' of distributed property 'content' does not conform to serialization requirement 'Decodable'}}
}
