import Distributed
import Lockstep

@Replicated
distributed actor SameParameters {
    distributed func add(_ number: Int, _ number: Int) {}
    // expected-note @-1 {{'number' previously declared here}}
    // expected-error @-2 {{invalid redeclaration of 'number'}}
}
