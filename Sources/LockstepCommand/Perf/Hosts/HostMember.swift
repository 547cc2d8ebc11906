import Lockstep
import Logging
import Synchronization

/// What this member has said so far.
private final class PerfNotes: Sendable {
    private let messages = Mutex<[PerfMessage]>([])

    var all: [PerfMessage] { messages.withLock { $0 } }

    func add(_ message: PerfMessage) { messages.withLock { $0.append(message) } }
}

/// A member of a measurement that was started by hand.
struct HostMember {
    /// All but the size of its memory.
    let configuration: NodeConfiguration

    /// Joins the others, measures with them, and gives what all have said, in the order of their ranks: to the first of
    /// them alone.
    ///
    /// - Parameter plan: What is measured, in words that are the same at all members.
    func measure(
        _ plan: [String], regionBytes: Int,
        _ body: @escaping @Sendable (Node, @escaping PerfSaying) async throws -> Void
    ) async throws -> PerfFindings? {
        let progress = ProgressLine()
        defer { progress.clear() }
        progress.show("Waiting for the others")
        let node = try await join(regionBytes: regionBytes)
        progress.show("Measuring")
        let found: PerfFindings
        do {
            // A part in which a member is missed never ends: then it is left as it is, and the process ends.
            found = try await firstToEnd([
                { try await measure(plan.joined(separator: " "), with: node, body) },
                { throw try await LostMember.first(of: node, failureTimeout: configuration.failureTimeout) },
            ])
        } catch let error as PerfDisagreement {
            await node.leave()
            throw error
        }
        await node.leave()
        guard found.names.first == configuration.name else {
            progress.clear()
            Terminal.writeLine("\(configuration.name) has done its part: \(found.names[0]) prints the report.")
            return nil
        }
        return found
    }

    private func measure(
        _ plan: String, with node: Node, _ body: @Sendable (Node, @escaping PerfSaying) async throws -> Void
    ) async throws -> PerfFindings {
        let gathering = try await PerfGathering.agree(on: plan, of: node, members: configuration.expecting)
        let said = PerfNotes()
        try await body(node) { said.add($0) }
        return try await gathering.exchange(said.all)
    }

    private func join(regionBytes: Int) async throws -> Node {
        var configuration = configuration
        configuration.regionBytes = regionBytes
        var logger = Logger(label: configuration.name) { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .warning
        return try await Node.join(configuration, logger: logger)
    }
}

/// The value, or the error, of what ends first. What is left is cancelled, and not waited for.
private func firstToEnd<Value: Sendable>(_ bodies: [@Sendable () async throws -> Value]) async throws -> Value {
    let (stream, ends) = AsyncThrowingStream.makeStream(of: Value.self)
    let tasks = bodies.map { body in
        Task {
            do { ends.yield(try await body()) } catch { ends.finish(throwing: error) }
        }
    }
    defer { for task in tasks { task.cancel() } }
    for try await value in stream { return value }
    throw CancellationError()
}

/// A member is lost, without which nothing can be measured.
enum LostMember {
    private static let outOfTouchMin = Duration.seconds(5)

    /// Waits until one is lost, and says so.
    static func first(of node: Node, failureTimeout: Duration) async throws -> PerfFailure {
        let watch = Task {
            for await view in node.membership.views {
                guard let change = view.change, let lost = (change.failed + change.silent).first else { continue }
                return PerfFailure(
                    "The member \(lost.name) is lost. See what it has said, and start all members again.")
            }
            return PerfFailure("This member is no longer in the cluster. Start all members again.")
        }
        // Where half of the members are lost there is no view without them.
        let alarm = Task {
            while node.timeOutOfTouch < max(outOfTouchMin, failureTimeout * 5) {
                try await Task.sleep(for: .milliseconds(200))
            }
            return PerfFailure(
                "The other members are not heard any more. See what they have said, and start all again.")
        }
        return try await firstToEnd([{ await watch.value }, { try await alarm.value }])
    }
}
