import Distributed
import Lockstep

distributed actor DirectOutside {
    typealias ActorSystem = LockstepSystem

    @Direct
    // expected-error @-1 {{'@Direct' can only mark a method inside the braces of a '@Replicated distributed actor'; remove it or move the method there}}
    // expected-note @-2 {{remove '@Direct'}} {{5-12=}}
    distributed func note() {}
}
