import Distributed
import Lockstep

@Replicated
distributed actor UpdateTies {
    var scores: [String: Int] = [:]
    var winners: [String] = []

    distributed func rank() { winners = scores.sorted { $0.value > $1.value }.map { $0.key } }
    // expected-error @-1 {{'sorted' gives elements with equal values in another order on every replica; compare their keys, too}}

    distributed func rankAll() { winners = scores.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key) }
}
