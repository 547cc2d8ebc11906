import Distributed
import Lockstep

@Replicated
// expected-error @-1 {{'@Replicated' can only mark a distributed actor; declare this type as 'distributed actor'}}
struct NotAnActor {
    var count = 0
}
