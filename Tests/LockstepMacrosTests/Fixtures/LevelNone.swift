import Distributed
import Lockstep

@Replicated(level: 0)
// expected-error @-1 {{'@Replicated' needs its level as an integer literal, from 1 on}}
distributed actor LevelNone {
    distributed func ship() {}
}
