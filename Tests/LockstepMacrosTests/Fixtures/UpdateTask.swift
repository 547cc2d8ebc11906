import Distributed
import Lockstep

@Replicated
distributed actor UpdateTask {
    var last = 0

    distributed func later() {
        Task {
            // expected-error @-1 {{'Task' runs outside the order of the updates; do this outside the actor, and send what comes of it with an update}}
            try await Task.sleep(for: .seconds(1))
            last += 1
        }
    }
}
