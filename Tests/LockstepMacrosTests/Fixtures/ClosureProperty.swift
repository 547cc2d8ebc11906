import Distributed
import Lockstep

@Replicated
distributed actor ClosureProperty {
    private var report: (@Sendable (Int) -> Void)?
    // expected-error @-1 {{a closure cannot be the same on every replica; store what it is made from, or mark the property '@Local'}}
    // expected-note @-2 {{insert '@Local'}} {{5-12=@Local private}}
}
