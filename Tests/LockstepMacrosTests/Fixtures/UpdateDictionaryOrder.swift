import Distributed
import Lockstep

@Replicated
distributed actor UpdateDictionaryOrder {
    var stock: [String: Int] = [:]
    var log: [String] = []

    distributed func list() {
        for (item, _) in stock { log.append(item) }
        // expected-error @-1 {{the order of 'stock' differs on every replica; sort it, or write 'stock.anyOrder' if the order does not matter}}
        // expected-note @-2 {{sort it}} {{26-31=stock.sorted(by: { $0.key < $1.key })}}
    }
}
