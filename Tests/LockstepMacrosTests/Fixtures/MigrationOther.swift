import Distributed
import Lockstep

@Migration(to: 2)
// expected-error @-1 {{'@Migration' can only mark a static function inside the braces of a '@Replicated distributed actor'; remove it}}
// expected-note @-2 {{remove '@Migration(to: 2)'}} {{1-18=}}
func migrationOther(_ state: inout SavedState) {}
