import Distributed
import Lockstep

@Replicated
distributed actor GenericMethod {
    distributed func put<Value: Codable & Sendable>(_ value: Value, at index: Int) {}
    // expected-error @-1 {{a method of a replicated actor cannot be generic, since its arguments are sent without their types; write the types out}}
}
