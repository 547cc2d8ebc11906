/// A number that all members add to.
///
/// ```swift
/// let orders = coordination.counter("orders")
/// let number = try await orders.add(1)
/// ```
public struct Counter: Sendable {
    private let store: Store.Handle
    private let name: String

    init(_ store: Store.Handle, _ name: String) { (self.store, self.name) = (store, name) }

    /// Adds, or subtracts, and returns the sum, which nobody else was given for the same count.
    ///
    /// - Throws: ``CoordinationError/Code/invalid`` if the sum does not fit; or a `LockstepError`. If the outcome is
    ///   unknown, adding again may add twice.
    @discardableResult
    public func add(_ amount: Int = 1) async throws -> Int { try await store.add(amount, to: name) }

    /// The present sum. It is linearizable.
    public var value: Int {
        get async throws { try await store.count(of: name) }
    }
}

extension Coordination {
    /// The counter of a name, which is 0 at first.
    public func counter(_ name: String) -> Counter { Counter(store, name) }
}
