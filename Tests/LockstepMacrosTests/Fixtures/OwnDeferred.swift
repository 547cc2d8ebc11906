import Distributed
import Lockstep

@Replicated
distributed actor OwnDeferred {
    struct Deferred {}
    // expected-error @-1 {{'@Replicated' adds 'Deferred' to the actor; remove or rename this one}}

    distributed func open() {}
}
