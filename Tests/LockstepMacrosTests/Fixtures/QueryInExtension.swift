import Distributed
import Lockstep

@Replicated
distributed actor QueryInExtension {
    var count = 0
}

extension QueryInExtension {
    @Query
    // expected-error @-1 {{'@Query' can only mark a method inside the braces of a '@Replicated distributed actor'; remove it or move the method there}}
    // expected-note @-2 {{remove '@Query'}} {{5-11=}}
    distributed func current() -> Int { count }
}
