import Distributed
import Lockstep

@Replicated
distributed actor UnorderedValues {
    var stock: [String: Int] = [:]
    var names: Set<String> = []
    private var prices = [Int: Int]()
    var counts: [Int] = []
    var log: [String] = []

    distributed func update() {
        for key in stock.keys { log.append(key) }
        // expected-error @-1 {{the order of 'stock.keys' differs on every replica; sort it, or write 'stock.anyOrder.keys' if the order does not matter}}
        // expected-note @-2 {{sort it}} {{26-30=keys.sorted()}}
        for count in stock.values { counts.append(count) }
        // expected-error @-1 {{the order of 'stock.values' differs on every replica; sort it, or write 'stock.anyOrder.values' if the order does not matter}}
        for name in names where name != "" { log.append(name) }
        // expected-error @-1 {{the order of 'names' differs on every replica; sort it, or write 'names.anyOrder' if the order does not matter}}
        // expected-note @-2 {{sort it}} {{21-26=names.sorted()}}
        for (index, name) in names.enumerated() { log[index] = name }
        // expected-error @-1 {{the order of 'names' differs on every replica; sort it, or write 'names.anyOrder' if the order does not matter}}
        // expected-note @-2 {{sort it}} {{30-35=names.sorted()}}
        log = names.map { $0 + "." }
        // expected-error @-1 {{the order of 'names' differs on every replica; sort it, or write 'names.anyOrder' if the order does not matter}}
        // expected-note @-2 {{sort it}} {{15-20=names.sorted()}}
        names.forEach { log.append($0) }
        // expected-error @-1 {{the order of 'names' differs on every replica; sort it, or write 'names.anyOrder' if the order does not matter}}
        // expected-note @-2 {{sort it}} {{9-14=names.sorted()}}
        log = Array(names)
        // expected-error @-1 {{the order of 'names' differs on every replica; sort it, or write 'names.anyOrder' if the order does not matter}}
        // expected-note @-2 {{sort it}} {{21-26=names.sorted()}}
        log = [String](stock.keys)
        // expected-error @-1 {{the order of 'stock.keys' differs on every replica; sort it, or write 'stock.anyOrder.keys' if the order does not matter}}
        // expected-note @-2 {{sort it}} {{30-34=keys.sorted()}}
        log.append(contentsOf: names.filter { $0 != "" })
        // expected-error @-1 {{the order of 'names.filter { $0 != "" }' differs on every replica; sort it, or write 'names.filter { $0 != "" }.anyOrder' if the order does not matter}}
        // expected-note @-2 {{sort it}} {{56-57=}.sorted()}}
        for (name, count) in zip(names, counts) { print(name, count) }
        // expected-error @-1 {{the order of 'names' differs on every replica; sort it, or write 'names.anyOrder' if the order does not matter}}
        // expected-note @-2 {{sort it}} {{34-39=names.sorted()}}
        for name in stock.keys.lazy { print(name) }
        // expected-error @-1 {{the order of 'stock.keys.lazy' differs on every replica; sort it, or write 'stock.anyOrder.keys.lazy' if the order does not matter}}
        // expected-note @-2 {{sort it}} {{32-36=lazy.sorted()}}
        _ = names.popFirst()
        // expected-error @-1 {{the order of 'names' differs on every replica; sort it, or write 'names.anyOrder' if the order does not matter}}
        names.removeFirst()
        // expected-error @-1 {{the order of 'names' differs on every replica; sort it, or write 'names.anyOrder' if the order does not matter}}
        _ = stock.first { $0.value > 1 }?.key
        // expected-error @-1 {{the order of 'stock' differs on every replica; sort it, or write 'stock.anyOrder' if the order does not matter}}
        // expected-note @-2 {{sort it}} {{13-18=stock.sorted(by: { $0.key < $1.key })}}
        let few = stock.filter { $0.value < 2 }
        for (name, _) in few { log.append(name) }
        // expected-error @-1 {{the order of 'few' differs on every replica; sort it, or write 'few.anyOrder' if the order does not matter}}
        // expected-note @-2 {{sort it}} {{26-29=few.sorted(by: { $0.key < $1.key })}}
        print(prices.reduce(0) { $0 * 2 + $1.value })
        // expected-error @-1 {{the order of 'prices' differs on every replica; sort it, or write 'prices.anyOrder' if the order does not matter}}
        // expected-note @-2 {{sort it}} {{15-21=prices.sorted(by: { $0.key < $1.key })}}
    }
}
