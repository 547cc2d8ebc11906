import Distributed
import Lockstep

@Replicated
distributed actor DirectEffect {
    @Direct
    distributed func later() throws { try self.after(.seconds(1)).end() }
    // expected-error @-1 {{'after' leaves something in the state of every replica, and a direct method runs on one; remove '@Direct' or leave it in an update}}

    distributed func end() {}
}
