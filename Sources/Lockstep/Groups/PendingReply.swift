import Synchronization

/// A call whose outcome somebody waits for, or is about to. The first outcome counts; later ones are dropped.
///
/// The outcome may come before anybody waits: then the task goes on without having been suspended.
///
/// `@unchecked Sendable`: the outcome is written once, under the lock, before `isDone` says so, and is only read after.
/// So the language need not check at run time that accesses do not overlap, and that would take longer than they do.
@usableFromInline
final class PendingReply: @unchecked Sendable {
    @usableFromInline let isDone = Atomic<Bool>(false)
    private let waiters = Mutex(Waiters())
    private let cancellation: Cancellation
    /// What it is known by once it has been sent. Written before anybody can answer.
    @exclusivity(unchecked) var id: CallID?
    /// When whoever waits for a message of it gives up. Written before it is sent.
    @exclusivity(unchecked) var deadline = Int64.max
    @exclusivity(unchecked) @usableFromInline private(set) var error: (any Error)?
    @exclusivity(unchecked) @usableFromInline private(set) var result = ReplySlot()

    private struct Waiters {
        // They need no check of their own: each is resumed once, and never dropped.
        var first: UnsafeContinuation<Void, Never>?
        /// There are none if there is no first. Nil rather than empty, because most calls end without.
        var others: [UnsafeContinuation<Void, Never>]?

        mutating func add(_ waiter: UnsafeContinuation<Void, Never>) {
            if first == nil { first = waiter } else { others = (others ?? []) + [waiter] }
        }

        mutating func takeAll() -> Waiters? {
            guard first != nil else { return nil }
            defer { self = Waiters() }
            return self
        }

        func resume() {
            first?.resume()
            others?.forEach { $0.resume() }
        }
    }

    /// What becomes of a task that waits and is cancelled.
    enum Cancellation {
        /// It stops waiting; what it sent may be executed all the same.
        case leavesUnknown
        /// It stops waiting for something that changes nothing.
        case ends
        /// It goes on waiting, because what it gets must not be lost.
        case waitsOn
    }

    init(onCancel cancellation: Cancellation = .leavesUnknown) { self.cancellation = cancellation }

    /// True if nobody need wait any more.
    @inlinable var isAnswered: Bool { isDone.load(ordering: .acquiring) }

    /// Why it failed, if it has.
    var failure: (any Error)? { isAnswered ? error : nil }

    func succeed<Value: Sendable>(_ value: Value) { answer { $0.result.put(value) } }

    func fail(_ error: any Error) { answer { $0.error = error } }

    #if DEBUG
        /// Takes the outcome of another call, which is answered.
        func answer(like other: PendingReply) { answer { ($0.error, $0.result) = (other.error, other.result) } }
    #endif

    @inline(__always)
    private func answer(_ write: (PendingReply) -> Void) {
        let waiting = waiters.withLock { waiters -> Waiters? in
            guard !isDone.load(ordering: .relaxed) else { return nil }
            write(self)
            isDone.store(true, ordering: .releasing)
            return waiters.takeAll()
        }
        waiting?.resume()
    }

    /// Waits for the outcome.
    @inlinable @inline(__always)
    nonisolated(nonsending) func value<Value: Sendable>(as type: Value.Type = Value.self) async throws -> Value {
        // A call that may wait costs more than one that does not.
        if !isAnswered { await wait() }
        return try outcome()
    }

    @usableFromInline
    nonisolated(nonsending) func wait() async {
        await withTaskCancellationHandler {
            await withUnsafeContinuation { wait($0) }
        } onCancel: {
            cancel()
        }
    }

    /// The outcome, which must be there.
    @inlinable
    func outcome<Value: Sendable>(as type: Value.Type = Value.self) throws -> Value {
        precondition(isAnswered, "an outcome must be there before it is taken")
        if let error { throw identified(error) }
        guard result.holds(type) else { throw PendingReply.isNo(type) }
        return result.get()
    }

    @usableFromInline
    static func isNo<Value>(_ type: Value.Type) -> any Error {
        LockstepError(
            .schemaMismatch, "The method's result is not a \(type). Call it through the handle of its own type.")
    }

    private func wait(_ waiter: UnsafeContinuation<Void, Never>) {
        let mustWait = waiters.withLock { waiters in
            guard !isDone.load(ordering: .relaxed) else { return false }
            waiters.add(waiter)
            return true
        }
        if !mustWait { waiter.resume() }
    }

    @usableFromInline
    func identified(_ error: any Error) -> any Error {
        guard var unknown = error as? LockstepError, unknown.code == .outcomeUnknown else { return error }
        unknown.callID = id
        return unknown
    }

    private func cancel() {
        switch cancellation {
        case .waitsOn: break
        case .ends: fail(CancellationError())
        case .leavesUnknown:
            fail(
                LockstepError(
                    .outcomeUnknown,
                    "The task was cancelled after the call had been sent, which may be executed all the same.",
                    cause: CancellationError()
                )
            )
        }
    }
}

/// Room for one value of any type.
///
/// Values of a few plain words stay in place: a generic property would cost more, since the language finds out while
/// the program runs how to destroy it.
@usableFromInline
struct ReplySlot {
    @usableFromInline private(set) var words: (UInt64, UInt64, UInt64) = (0, 0, 0)
    @usableFromInline private(set) var box: AnyObject?
    @usableFromInline private(set) var type: ObjectIdentifier?

    @usableFromInline
    final class Box<Value> {
        @usableFromInline let value: Value
        init(_ value: Value) { self.value = value }
    }

    @inlinable @inline(__always)
    static func fits<Value>(_ type: Value.Type) -> Bool {
        _isPOD(type) && MemoryLayout<Value>.size <= 24 && MemoryLayout<Value>.alignment <= 8
    }

    mutating func put<Value>(_ value: Value) {
        type = ObjectIdentifier(Value.self)
        if Self.fits(Value.self) {
            withUnsafeMutableBytes(of: &words) { $0.storeBytes(of: value, as: Value.self) }
        } else {
            box = Box(value)
        }
    }

    /// True if there is a value of this type.
    @inlinable @inline(__always)
    func holds<Value>(_ type: Value.Type) -> Bool { self.type == ObjectIdentifier(type) }

    /// The value, which must be of this type. It is not optional, because the language would make up the type of the
    /// optional while the program runs, each time.
    @inlinable
    func get<Value>() -> Value {
        guard Self.fits(Value.self) else {
            guard let box = box as? Box<Value> else { preconditionFailure("a value must be taken as what it is") }
            return box.value
        }
        return withUnsafeBytes(of: words) { $0.load(as: Value.self) }
    }
}
