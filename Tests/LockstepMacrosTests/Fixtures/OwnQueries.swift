import Distributed
import Lockstep

@Replicated
distributed actor OwnQueries {
    struct Queries {}
    // expected-error @-1 {{'@Replicated' adds 'Queries' to the actor; remove or rename this one}}

    distributed func open() {}
}
