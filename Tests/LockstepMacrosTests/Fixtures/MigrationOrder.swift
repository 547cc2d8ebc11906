import Distributed
import Lockstep

@Replicated(level: 3)
distributed actor MigrationOrder {
    @Migration(to: 3)
    static func moneyForCents(_ state: inout SavedState) {}

    @Migration(to: 2)
    // expected-error @-1 {{migrations run in the order of the source; move this one before those to levels above 2}}
    static func centsForEuros(_ state: inout SavedState) {}
}
