import Distributed
import Lockstep

@Replicated
distributed actor QueryOnProperty {
    @Query
    // expected-error @-1 {{'@Query' can only mark a 'distributed func'; make a method of this or remove '@Query'}}
    // expected-note @-2 {{remove '@Query'}} {{5-11=}}
    var count = 0
}
