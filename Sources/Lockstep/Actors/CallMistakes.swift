// What a method gets whose arguments or result are not `Codable`: the compiler has its own error for the method, and what is
// generated from it must not add others.

extension CallArguments {
    /// Always throws, for an argument that cannot be encoded.
    public mutating func add<T>(_ value: T) throws { throw LockstepError.notCodable(T.self) }
}

extension Delivery {
    /// Always throws, for an argument that cannot be decoded.
    public mutating func argument<Value>(_ type: Value.Type = Value.self) throws -> Value {
        throw LockstepError.notCodable(type)
    }

    /// Rejects the call, for a result that cannot be encoded.
    public mutating func reply<Result>(_ body: () throws -> Result) { reject(LockstepError.notCodable(Result.self)) }
}

extension Group {
    /// Always throws, for a result that cannot be encoded.
    public nonisolated(nonsending) func update<Result>(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> Result { throw LockstepError.notCodable(Result.self) }

    /// Always throws, for a result that cannot be encoded.
    public nonisolated(nonsending) func begin<Result>(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> Call<Result> { throw LockstepError.notCodable(Result.self) }

    /// Always throws, for a result that cannot be encoded.
    public nonisolated(nonsending) func query<Result>(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> Result { throw LockstepError.notCodable(Result.self) }

    /// Always throws, for a result that cannot be encoded.
    public nonisolated(nonsending) func askAll<Value>(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> [Answer<Value>] { throw LockstepError.notCodable(Value.self) }
}

extension GroupMember {
    /// Always throws, for a result that cannot be encoded.
    public nonisolated(nonsending) func ask<Value>(
        _ method: UInt32, _ arguments: (inout CallArguments) throws -> Void
    ) async throws -> Value { throw LockstepError.notCodable(Value.self) }
}

extension LockstepError {
    fileprivate static func notCodable(_ type: Any.Type) -> LockstepError {
        LockstepError(.unsupported, "Arguments and results must be 'Codable', and \(type) is not.")
    }
}
