import Distributed

/// Encodes the arguments of a call through an actor reference as they are recorded.
public struct LockstepInvocationEncoder: DistributedTargetInvocationEncoder {
    /// Arguments can be encoded and cross threads.
    public typealias SerializationRequirement = any Codable & Sendable

    var arguments = CallArguments()

    /// Replicated methods are not generic.
    public mutating func recordGenericSubstitution<T>(_ type: T.Type) throws {
        throw LockstepError(.unsupported, "Replicated methods cannot be generic.")
    }

    /// Encodes the next argument.
    public mutating func recordArgument<Value: Codable & Sendable>(_ argument: RemoteCallArgument<Value>) throws {
        do {
            try arguments.add(argument.value)
        } catch {
            throw LockstepError(
                .encodingFailed, "The argument \"\(argument.name)\" cannot be encoded, so nothing was sent: \(error)",
                cause: error
            )
        }
    }

    /// Nothing to record: the result never leaves the process.
    public mutating func recordReturnType<R: Codable & Sendable>(_ type: R.Type) throws {}

    /// Nothing to record: errors never leave the process.
    public mutating func recordErrorType<E: Error>(_ type: E.Type) throws {}

    /// Nothing left to do.
    public mutating func doneRecording() throws {}
}

/// Required by the language and never used: a number from outside is looked up, a name is never executed.
public struct LockstepInvocationDecoder: DistributedTargetInvocationDecoder {
    /// As for the encoder.
    public typealias SerializationRequirement = any Codable & Sendable

    /// Always throws.
    public mutating func decodeGenericSubstitutions() throws -> [any Any.Type] { throw unused }

    /// Always throws.
    public mutating func decodeNextArgument<Argument: Codable & Sendable>() throws -> Argument { throw unused }

    /// Always throws.
    public mutating func decodeErrorType() throws -> (any Any.Type)? { throw unused }

    /// Always throws.
    public mutating func decodeReturnType() throws -> (any Any.Type)? { throw unused }

    private var unused: LockstepError {
        LockstepError(.unsupported, "Replicated actors are not run through executeDistributedTarget.")
    }
}

/// Required by the language and never used.
public struct LockstepResultHandler: DistributedTargetInvocationResultHandler {
    /// As for the encoder.
    public typealias SerializationRequirement = any Codable & Sendable

    /// Does nothing.
    public func onReturn<Success: Codable & Sendable>(value: Success) async throws {}

    /// Does nothing.
    public func onReturnVoid() async throws {}

    /// Does nothing.
    public func onThrow<Err: Error>(error: Err) async throws {}
}
