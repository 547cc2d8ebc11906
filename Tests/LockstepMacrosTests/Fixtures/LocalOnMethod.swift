import Distributed
import Lockstep

@Replicated
distributed actor LocalOnMethod {
    @Local
    // expected-error @-1 {{'@Local' can only mark a stored property; remove it}}
    distributed func increment() {}
}
