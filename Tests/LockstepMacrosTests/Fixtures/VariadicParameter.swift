import Distributed
import Lockstep

@Replicated
distributed actor VariadicParameter {
    distributed func add(_ numbers: Int...) {}
    // expected-error @-1 {{cannot declare variadic argument 'numbers' in distributed instance method 'add'}}
}
