import Distributed
import Lockstep

@Replicated
distributed actor DirectQuery {
    var count = 0

    @Direct
    // expected-error @-1 {{a query can be asked of one member already, so it needs no '@Direct'; remove it, or '@Query' if the method changes what is '@Local'}}
    // expected-note @-2 {{remove '@Direct'}} {{5-12=}}
    @Query
    distributed func total() -> Int { count }
}
