import Distributed
import Lockstep

@Replicated(level: 2)
distributed actor MigrationAbove {
    @Migration(to: 3)
    // expected-error @-1 {{level 3 is above that of the actor, 2; write '@Replicated(level: 3)'}}
    // expected-note @-2 {{write '@Replicated(level: 3)'}} {{4:20-4:21=3}}
    static func centsForEuros(_ state: inout SavedState) {}
}
