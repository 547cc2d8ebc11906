import Distributed
import Lockstep

@Replicated
distributed actor OpaqueParameter {
    distributed func put(_ value: some Codable & Sendable) {}
    // expected-error @-1 {{a method of a replicated actor cannot have an opaque type, since its arguments and result are sent without their types; name the type instead of 'some Codable & Sendable'}}
}
