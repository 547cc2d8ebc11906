import Distributed
import Lockstep

@Replicated
distributed actor DistributedVariableAsync {
    distributed var total: Int {
        get async { 1 }
        // expected-error @-1 {{a method of a replicated actor cannot be 'async', since every replica must run it without a break; remove 'async'}}
        // expected-note @-2 {{remove 'async'}} {{13-19=}}
    }
}
