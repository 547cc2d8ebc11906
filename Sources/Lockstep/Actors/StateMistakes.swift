// What a property gets that is not `Codable & Sendable`: one error for all the places where it is used.

extension StateHasher {
    /// Refuses a property that cannot be replicated.
    @available(*, unavailable, message: "a replicated property must be 'Codable & Sendable'; mark others '@Local'")
    public mutating func combine<Value>(_ value: Value, named name: String) {}
}

extension StateWriter {
    /// Does nothing, for a property that cannot be replicated.
    public mutating func write<Value>(_ value: Value, named name: String) {}
}

extension StateReader {
    /// Always throws, for a property that cannot be replicated.
    public func read<Value>(_ name: String, or current: Value) throws -> Value { throw notReadable(name) }

    /// Always throws, for a property that cannot be replicated.
    public func check<Value>(_ current: Value, named name: String) throws { throw notReadable(name) }

    private func notReadable(_ name: String) -> LockstepError {
        LockstepError(.decodingFailed, "The property \"\(name)\" is not 'Codable & Sendable'.")
    }
}
