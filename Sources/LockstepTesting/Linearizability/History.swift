import Synchronization

/// Records what tasks do to something, and when.
///
/// ```swift
/// let history = History<RegisterModel>()
/// try await history.record(.write(5)) { try await register.set(5); return 5 }
/// try checkLinearizability(of: history.operations, against: RegisterModel())
/// ```
public final class History<Model: SequentialModel>: Sendable {
    private let state = Mutex<(now: UInt64, operations: [Operation<Model.Input, Model.Output>])>((0, []))

    /// Begins with nothing.
    public init() {}

    /// What was recorded so far.
    public var operations: [Operation<Model.Input, Model.Output>] { state.withLock(\.operations) }

    /// Does something, and records it. If it throws, nobody knows whether it took effect.
    @discardableResult
    public func record(
        _ input: Model.Input, _ body: () async throws -> Model.Output
    ) async throws -> Model.Output {
        let start = tick()
        do {
            let output = try await body()
            note(Operation(input, output, at: start...tick()))
            return output
        } catch {
            note(Operation(input, nil, at: start...start))
            throw error
        }
    }

    /// Records something that may happen from now on, though nobody does it: as when a member dies that held a lock.
    public func expect(_ input: Model.Input) {
        let now = tick()
        note(Operation(input, nil, at: now...now))
    }

    private func tick() -> UInt64 {
        state.withLock { state in
            state.now += 1
            return state.now
        }
    }

    private func note(_ operation: Operation<Model.Input, Model.Output>) {
        state.withLock { $0.operations.append(operation) }
    }
}
