import Distributed
import Lockstep

distributed actor QueryOutside {
    typealias ActorSystem = LockstepSystem

    @Query
    // expected-error @-1 {{'@Query' can only mark a method inside the braces of a '@Replicated distributed actor'; remove it or move the method there}}
    // expected-note @-2 {{remove '@Query'}} {{5-11=}}
    distributed func current() -> Int { 0 }
}
