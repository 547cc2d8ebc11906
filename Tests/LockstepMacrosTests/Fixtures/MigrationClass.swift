import Distributed
import Lockstep

@Replicated(level: 2)
distributed actor MigrationClass {
    @Migration(to: 2)
    class func centsForEuros(_ state: inout SavedState) {}
    // expected-error @-1 {{class methods are only allowed within classes; use 'static' to declare a static method}} {{5-10=static}}
}
