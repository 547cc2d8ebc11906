import Distributed
import Lockstep

@Replicated
@Replicated
// expected-error @-1 {{'@Replicated' is a second mark of its kind; remove it}}
// expected-note @-2 {{remove '@Replicated'}} {{1-12=}}
distributed actor ReplicatedTwice {
    distributed func add() {}
}
