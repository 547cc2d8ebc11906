import Distributed
import Lockstep

let secondLevel = 2

@Replicated(level: secondLevel)
// expected-error @-1 {{'@Replicated' needs its level as an integer literal, from 1 on}}
distributed actor LevelUnknown {
    distributed func ship() {}
}
