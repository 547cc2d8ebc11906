import Distributed
import Lockstep

@Replicated
distributed actor LocalOnMethod {
    @Local
    // expected-error @-1 {{'@Local' can only mark a stored property; remove it}}
    // expected-note @-2 {{remove '@Local'}} {{5-11=}}
    distributed func increment() {}
}
