import Distributed
import Lockstep

@Replicated
distributed actor AsyncMethod {
    var count = 0

    distributed func increment(by amount: Int) async throws -> Int {
        // expected-error @-1 {{a method of a replicated actor cannot be 'async', since every replica must run it without a break; remove 'async'}}
        // expected-note @-2 {{remove 'async'}} {{48-54=}}
        count += amount
        return count
    }
}
