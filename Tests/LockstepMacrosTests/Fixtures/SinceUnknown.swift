import Distributed
import Lockstep

@Replicated(level: 2)
distributed actor SinceUnknown {
    static let second = 2
    @Since(second) distributed func ship() {}
    // expected-error @-1 {{'@Since' needs its level as an integer literal, from 2 on}}
}
