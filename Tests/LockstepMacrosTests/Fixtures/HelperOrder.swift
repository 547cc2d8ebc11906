import Distributed
import Lockstep

@Replicated
distributed actor HelperOrder {
    var stock: [String: Double] = [:]

    var total: Double { stock.values.reduce(0, +) }
    // expected-error @-1 {{the order of 'stock.values' differs on every replica; sort it, or write 'stock.anyOrder.values' if the order does not matter}}
}
