import Distributed
import Lockstep

@Replicated
distributed actor SinceWithoutLevel {
    @Since(2) distributed var shipped: Int { 0 }
    // expected-error @-1 {{level 2 is above that of the actor, 1; write '@Replicated(level: 2)'}}
    // expected-note @-2 {{write '@Replicated(level: 2)'}} {{4:2-4:12=Replicated(level: 2)}}
}
