import Distributed
import Lockstep

@Replicated
distributed actor InoutParameter {
    distributed func increment(_ number: inout Int) {}
    // expected-error @-1 {{cannot declare 'inout' argument 'number' in distributed instance method 'increment'}}
}
