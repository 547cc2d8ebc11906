import Distributed
import Lockstep

@Replicated
distributed actor OwnHashState {
    func hashState(into hasher: inout Hasher) {}
    // expected-error @-1 {{'@Replicated' adds 'hashState(into:)' to the actor; remove or rename this one}}
}
