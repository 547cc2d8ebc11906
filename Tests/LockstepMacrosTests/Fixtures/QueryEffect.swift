import Distributed
import Lockstep

@Replicated
distributed actor QueryEffect {
    var last = 0

    @Query
    distributed func later() throws { try self.after(.seconds(1)).end() }
    // expected-error @-1 {{'after' leaves something in the state of every replica, and a query runs on one; remove '@Query' or leave it in an update}}

    @Query
    distributed func other() -> Int { perform(last) }

    distributed func end() throws { try after(.seconds(1)).end() }

    private func perform(_ number: Int) -> Int { number }
}
