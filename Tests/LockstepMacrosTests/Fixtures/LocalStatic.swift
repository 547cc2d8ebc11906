import Distributed
import Lockstep

@Replicated
distributed actor LocalStatic {
    @Local
    // expected-error @-1 {{'@Local' can only mark a stored property, and a static one is not replicated anyway; remove it}}
    // expected-note @-2 {{remove '@Local'}} {{5-11=}}
    static let limit = 1
}
