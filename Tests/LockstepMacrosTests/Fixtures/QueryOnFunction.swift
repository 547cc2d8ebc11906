import Distributed
import Lockstep

@Query
// expected-error @-1 {{'@Query' can only mark a method inside the braces of a '@Replicated distributed actor'; remove it or move the method there}}
// expected-note @-2 {{remove '@Query'}} {{1-7=}}
func queryOnFunction() -> Int { 0 }
