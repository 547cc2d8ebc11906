import Distributed
import Lockstep

@Replicated
distributed actor QueryTask {
    var last = 0

    @Query
    distributed func later() { Task { last += 1 } }
    // expected-error @-1 {{'Task' runs outside the order of the updates; do this outside the actor, and send what comes of it with an update}}
}
