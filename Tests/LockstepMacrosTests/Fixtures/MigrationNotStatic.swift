import Distributed
import Lockstep

@Replicated(level: 2)
distributed actor MigrationNotStatic {
    @Migration(to: 2)
    private func centsForEuros(_ state: inout SavedState) {}
    // expected-error @-1 {{'@Migration' needs a static function, since it runs before the actor has its state; write 'static func centsForEuros'}}
    // expected-note @-2 {{insert 'static'}} {{5-12=static private}}
}
