import Distributed
import Lockstep

distributed actor LocalOutside {
    typealias ActorSystem = LockstepSystem

    @Local
    // expected-error @-1 {{'@Local' can only mark a property inside the braces of a '@Replicated distributed actor'; remove it}}
    var count = 0
}
