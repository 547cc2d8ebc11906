import Lockstep

/// Opens when something has happened a number of times, and stays open.
///
/// ```swift
/// let latch = try coordination.countdownLatch("loaded", count: 3)
/// try await latch.countDown()     // each of three, when it is done
/// try await latch.wait()          // anybody
/// ```
public struct CountdownLatch: Sendable {
    private let coordination: Coordination
    private let key: String
    private let count: Int

    init(_ coordination: Coordination, _ name: String, count: Int) throws {
        guard count > 0 else {
            throw CoordinationError(.invalid, "A latch must count down from 1 or more, and \"\(name)\" from \(count).")
        }
        (self.coordination, key, self.count) = (coordination, name, count)
    }

    /// Counts, and returns how often it has to be counted yet.
    ///
    /// - Throws: `LockstepError`. If the outcome is unknown, counting again may count twice.
    @discardableResult
    public func countDown(by steps: Int = 1) async throws -> Int {
        guard steps > 0 else {
            throw CoordinationError(.invalid, "A latch is counted down by 1 or more, and not by \(steps).")
        }
        return max(0, count - (try await coordination.coordinator.count(key, by: steps)))
    }

    /// Waits until it is open.
    ///
    /// - Parameter timeout: For how long; nil for ever.
    /// - Throws: ``CoordinationError/Code/timedOut``; a `LockstepError`; or `CancellationError`.
    public func wait(timeout: Duration? = nil) async throws {
        let (coordinator, key) = (coordination.coordinator, key)
        _ = try await coordination.turn(at: key, within: timeout) { ticket in
            try await coordinator.attend(key, count: count, ticket: ticket)
        } withdraw: { ticket in
            try await coordinator.unattend(key, ticket: ticket)
        }
    }

    /// Closes it, for everybody: it counts from the beginning, and takes no memory until then.
    public func reset() async throws { try await coordination.coordinator.forget(key) }
}

extension Coordination {
    /// The latch of a name.
    ///
    /// - Throws: ``CoordinationError/Code/invalid`` for a count below one.
    public func countdownLatch(_ name: String, count: Int) throws -> CountdownLatch {
        try CountdownLatch(self, name, count: count)
    }
}
