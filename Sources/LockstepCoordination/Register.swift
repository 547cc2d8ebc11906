/// A value, and its version.
public struct Versioned<Value: Sendable>: Sendable {
    /// What is there.
    public let value: Value
    /// Greater than that of every value before.
    public let version: UInt64
}

extension Versioned: Equatable where Value: Equatable {}

/// One value that all members share, with compare and set.
///
/// ```swift
/// let plan = coordination.register("plan", of: Plan.self)
/// let present = try await plan.get()
/// let isMine = try await plan.set(next, replacing: present?.version ?? 0) != nil
/// ```
public struct Register<Value: Codable & Sendable>: Sendable {
    private let map: SharedMap<Value>
    private let name: String

    init(_ store: Store.Handle, _ name: String) { (map, self.name) = (SharedMap(store, shelf: "register"), name) }

    /// The present value, nil if there is none. It is linearizable.
    public func get() async throws -> Versioned<Value>? { try await map.get(name) }

    /// Replaces the value, or removes it with nil, and returns its version.
    @discardableResult
    public func set(_ value: Value?) async throws -> UInt64 { try await map.set(value, for: name) }

    /// Does the same if the present value still has a version, 0 for no value; nil if not.
    public func set(_ value: Value?, replacing version: UInt64) async throws -> UInt64? {
        try await map.set(value, for: name, replacing: version)
    }
}

extension Coordination {
    /// The register of a name, whose values are of one type on all members.
    public func register<Value>(_ name: String, of type: Value.Type) -> Register<Value> { Register(store, name) }
}
