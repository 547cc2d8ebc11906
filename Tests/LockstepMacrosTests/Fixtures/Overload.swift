import Distributed
import Lockstep

@Replicated
distributed actor Overload {
    distributed func add(_ number: Int) {}

    distributed func add(_ text: String) {}
    // expected-error @-1 {{'add(_:)' is also the full name of the method on line 6, and replicated methods are told apart by it; give one of them another label}}
}
