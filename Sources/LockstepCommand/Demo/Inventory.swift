import Distributed
import Lockstep

/// Thrown by an order that is larger than what is there.
struct OutOfStock: Error, Codable {
    let item: String
    let missing: Int
}

/// The actor of the demonstration: a store whose copies are kept equal.
@Replicated
distributed actor Inventory {
    private var stock: [String: Int] = [:]
    private var done: [String] = []

    /// Puts goods into the store, and tells how many there are now.
    distributed func receive(_ quantity: Int, of item: String) -> Int {
        stock[item, default: 0] += quantity
        return stock[item, default: 0]
    }

    /// Takes goods out of the store, and tells how many are left.
    distributed func ship(_ quantity: Int, of item: String) throws -> Int {
        let present = stock[item, default: 0]
        guard present >= quantity else { throw OutOfStock(item: item, missing: quantity - present) }
        stock[item] = present - quantity
        return present - quantity
    }

    /// How many there are.
    @Query
    distributed func quantity(of item: String) -> Int { stock[item, default: 0] }

    /// Notes that a member has made its last call.
    distributed func finish(_ member: String) {
        if !done.contains(member) { done.append(member) }
    }

    /// The members that have made their last call.
    @Query
    distributed func finished() -> [String] { done }
}
