import Distributed
import Lockstep

@Replicated(level: 2)
distributed actor SinceText {
    @Since("2")
    // expected-error @-1 {{cannot convert value of type 'String' to expected argument type 'Int'}}
    distributed func ship() {}
}
