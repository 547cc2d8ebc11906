import Distributed
import Lockstep

distributed actor LocalOutside {
    typealias ActorSystem = LockstepSystem

    @Local
    // expected-error @-1 {{'@Local' can only mark a property inside the braces of a '@Replicated distributed actor'; remove it}}
    // expected-note @-2 {{remove '@Local'}} {{5-11=}}
    var count = 0
}
