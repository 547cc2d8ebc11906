import Distributed
import Lockstep

@Replicated
distributed actor UpdateRandom {
    var last = 0

    distributed func roll() { last = Int.random(in: 1...6) }
    // expected-error @-1 {{'random' draws other numbers on every replica; draw them from 'context.random'}}
    // expected-note @-2 {{draw from 'context.random'}} {{58-59=, using: &context.random)}}
}
