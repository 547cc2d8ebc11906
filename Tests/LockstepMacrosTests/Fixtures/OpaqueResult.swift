import Distributed
import Lockstep

@Replicated
distributed actor OpaqueResult {
    distributed func get() -> some Codable & Sendable { 1 }
    // expected-error @-1 {{a method of a replicated actor cannot have an opaque type, since its arguments and result are sent without their types; name the type instead of 'some Codable & Sendable'}}
}
