import Distributed
import Lockstep

@Replicated(level: 2)
distributed actor MigrationUnknown {
    @Migration(to: 1)
    // expected-error @-1 {{'@Migration' needs its level as an integer literal, from 2 on}}
    static func centsForEuros(_ state: inout SavedState) {}
}
