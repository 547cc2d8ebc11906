import Distributed
import Lockstep

@Replicated
distributed actor DistributedVariableName {
    distributed var group: Int { 1 }
    // expected-error @-1 {{the handle of a replicated actor has a 'group' of its own; rename this property}}
}
