/// A call at a replica, about to run. Code that ``Replicated(level:)`` generates takes it apart.
public struct Delivery: Sendable {
    /// The number of the method.
    public let method: UInt32
    @usableFromInline var reader: WireReader
    @usableFromInline let pending: PendingReply?
    @usableFromInline let isEncoded: Bool
    private var encoded: Encoded?

    /// An answer has a place of its own, because few calls have any.
    private final class Encoded: Sendable {
        let answer: EncodedAnswer
        init(_ answer: EncodedAnswer) { self.answer = answer }
    }

    /// True if somebody wants to know what the method returns.
    @inlinable var isAwaited: Bool { isEncoded || pending != nil }

    /// What the member that asked gets, if all were asked, or a client.
    var answer: EncodedAnswer? { encoded?.answer }

    init(_ header: CallHeader, _ payload: UnsafeRawBufferPointer, pending: PendingReply?) {
        method = header.method
        isEncoded = header.kind.isEncoded
        reader = WireReader(header.arguments(in: payload))
        self.pending = pending
    }

    /// A call of which nobody else than a task of this process hears.
    @inline(__always)
    init(_ method: UInt32, _ arguments: UnsafeRawBufferPointer, _ pending: PendingReply?) {
        self.method = method
        self.pending = pending
        reader = WireReader(arguments)
        isEncoded = false
    }

    /// Decodes the next argument.
    public mutating func argument<Value: Codable & Sendable>(_ type: Value.Type = Value.self) throws -> Value {
        try reader.read(type)
    }

    /// Decodes an argument of a type with the fast path.
    @inlinable
    public mutating func argument<Value: WireCodable & Sendable>(_ type: Value.Type = Value.self) throws -> Value {
        try reader.read(type)
    }

    /// Decodes an array of elements with the fast path.
    @inlinable
    public mutating func argument<Value: WireCodable & Sendable>(
        _ type: [Value].Type = [Value].self
    ) throws -> [Value] {
        try reader.read(type)
    }

    /// Decodes nil or an argument with the fast path.
    @inlinable
    public mutating func argument<Value: WireCodable & Sendable>(
        _ type: Value?.Type = Value?.self
    ) throws -> Value? {
        try reader.read(type)
    }

    /// Throws if there are more arguments than the method has.
    @inlinable
    public mutating func endOfArguments() throws { try reader.finish() }

    /// False, and the call has failed, if the method is newer than its group: it did not run on any replica.
    ///
    /// - Parameters:
    ///   - name: The full name of the method.
    ///   - since: The level that it is marked with.
    ///   - level: That of the group.
    public mutating func admits(_ name: String, since: Int, at level: Int) -> Bool {
        if since <= level { return true }
        fail(
            LockstepError(
                .notYet,
                """
                "\(name)" cannot be called yet, and was not: it is of level \(since), and some member runs a release of \
                level \(level). Bring all members to one release.
                """
            )
        )
        return false
    }

    /// Says that the arguments could not be decoded, so that the method did not run on any replica.
    public mutating func reject(_ error: any Error) {
        fail(
            LockstepError(
                .decodingFailed,
                "The arguments cannot be decoded: \(error). Encode and decode of their types must match.",
                cause: error
            )
        )
    }

    /// Says that the actor has no method of this number.
    public mutating func rejectUnknownMethod() {
        let number = ActorSchema.text(ofNumber: method)
        fail(
            LockstepError(.schemaMismatch, "The group's actor has no method \(number). Call it through its own type.")
        )
    }

    /// Runs the method; if the caller is in this process, its task gets the result.
    @inlinable
    public mutating func reply<Result: Codable & Sendable>(_ body: () throws -> Result) {
        do {
            let result = try body()
            if isAwaited { give(result) }
        } catch {
            fail(error)
        }
    }

    /// Runs a method without a result.
    @inlinable
    public mutating func reply(_ body: () throws -> Void) {
        do {
            try body()
            if isAwaited { give() }
        } catch {
            fail(error)
        }
    }

    @usableFromInline
    mutating func give<Result: Codable & Sendable>(_ result: Result) {
        pending?.succeed(result)
        if isEncoded { encoded = Encoded(EncodedAnswer { try $0.write(result) }) }
    }

    @usableFromInline
    mutating func give() {
        pending?.succeed(())
        if isEncoded { encoded = Encoded(.success([])) }
    }

    @usableFromInline
    mutating func fail(_ error: any Error) {
        pending?.fail(error)
        if isEncoded { encoded = Encoded(EncodedAnswer(failure: error)) }
    }
}
