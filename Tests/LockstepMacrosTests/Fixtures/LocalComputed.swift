import Distributed
import Lockstep

@Replicated
distributed actor LocalComputed {
    @Local
    // expected-error @-1 {{'@Local' can only mark a stored property, and a computed one is not replicated anyway; remove it}}
    // expected-note @-2 {{remove '@Local'}} {{5-11=}}
    var count: Int { 1 }
}
