import Distributed
import Lockstep

@Replicated
distributed actor OwnHandle {
    struct Handle {}
    // expected-error @-1 {{'@Replicated' adds 'Handle' to the actor; remove or rename this one}}

    distributed func open() {}
}
