import Distributed
import Lockstep

@Replicated
distributed actor SameNumber {
    distributed func costarring() {}

    distributed func liquid() {}
    // expected-error @-1 {{'liquid()' has the same number, 0xBB9F_05B2, as 'costarring()' on line 6; rename one of them}}
}
