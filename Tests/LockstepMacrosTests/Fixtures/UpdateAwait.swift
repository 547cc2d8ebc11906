import Distributed
import Lockstep

@Replicated
distributed actor UpdateAwait {
    distributed func run() {
        let later: () async -> Void = { await Task.yield() }
        // expected-error @-1 {{'await' runs outside the order of the updates; do this outside the actor, and send what comes of it with an update}}
        print(type(of: later))
    }
}
