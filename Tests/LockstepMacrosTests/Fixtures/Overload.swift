import Distributed
import Lockstep

@Replicated
distributed actor Overload {
    distributed func get(_ number: Int) -> Int { 1 }

    distributed func get(_ number: Int) -> String { "" }
    // expected-error @-1 {{'get(_:)' has the full name and the parameters of the method on line 6, and replicated methods are told apart by them; give one of them another label}}
}
