import Distributed
import Lockstep

@Replicated(level: 2)
distributed actor SinceAbove {
    @Since(3) distributed func ship() {}
    // expected-error @-1 {{level 3 is above that of the actor, 2; write '@Replicated(level: 3)'}}
    // expected-note @-2 {{write '@Replicated(level: 3)'}} {{4:20-4:21=3}}
}
