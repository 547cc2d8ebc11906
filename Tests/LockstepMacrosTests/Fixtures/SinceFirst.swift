import Distributed
import Lockstep

@Replicated(level: 2)
distributed actor SinceFirst {
    @Since(1) distributed func ship() {}
    // expected-error @-1 {{'@Since' needs its level as an integer literal, from 2 on}}
}
