import Distributed
import Lockstep

@Replicated
distributed actor Redeclaration {
    distributed func add(_ number: Int) {}
    // expected-note @-1 {{'add' previously declared here, cannot overload distributed methods on effect only}}

    distributed func add(_ number: Int) {}
    // expected-error @-1 {{invalid redeclaration of 'add'}}
}
