import Distributed
import Lockstep

@Replicated
distributed actor DistributedVariableOrder {
    private var stock: [String: Int] = [:]

    distributed var total: Int {
        Task {}
        // expected-error @-1 {{'Task' runs outside the order of the updates; do this outside the actor, and send what comes of it with an update}}
        return stock.count
    }
}
