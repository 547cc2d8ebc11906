import Distributed
import Lockstep

@Replicated(level: 2)
distributed actor SinceOther {
    @Since(2) func helper() {}
    // expected-error @-1 {{'@Since' can only mark a distributed method of a '@Replicated distributed actor'; remove it}}
    // expected-note @-2 {{remove '@Since(2)'}} {{5-15=}}
}
