import CLockstep
import Glibc
import Synchronization

/// A program that runs as a child of this process, for demonstrations and for tests with real processes.
///
/// ```swift
/// let child = try ChildProcess("/bin/sh", ["-c", "echo ready; sleep 100"])
/// _ = try await child.line(within: .seconds(5)) { $0 == "ready" }
/// child.kill()
/// ```
///
/// Its output, errors included, is read line by line, by one reader. When the last reference goes, also
/// because a test has thrown, the process is killed and reaped. Processes that it has started are not.
public final class ChildProcess: Sendable {
    private struct State: Sendable {
        var splitter = LineSplitter()
        var unread: [String] = []
        var isAtEnd = false
        var status: ProcessStatus?
    }

    /// The number of the process.
    public let id: pid_t
    let output: Int32
    private let state = Mutex(State())

    /// Starts a program.
    public init(_ path: String, _ arguments: [String] = []) throws(ProcessError) {
        (id, output) = try Spawner.shared.spawn(path, arguments)
    }

    deinit {
        kill()
        waitForExit()
        close(output)
    }

    // MARK: - Output

    /// The lines that have come since the last time, without waiting.
    public func newLines() -> [String] {
        state.withLock { state in
            read(into: &state)
            defer { state.unread = [] }
            return state.unread
        }
    }

    /// The next line if it is there, without waiting.
    func nextLine() -> String? {
        state.withLock { state in
            if state.unread.isEmpty { read(into: &state) }
            return state.unread.isEmpty ? nil : state.unread.removeFirst()
        }
    }

    /// True if the output has ended: nothing will come after what has been read.
    public var isAtEnd: Bool { state.withLock { $0.isAtEnd && $0.unread.isEmpty } }

    private func read(into state: inout State) {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !state.isAtEnd {
            let count = Glibc.read(output, &buffer, buffer.count)
            if count > 0 {
                state.unread += state.splitter.add(buffer[..<count])
            } else if count == 0 {
                state.unread += state.splitter.finish()
                state.isAtEnd = true
            } else if errno != EINTR {
                return
            }
        }
    }

    // MARK: - Signals

    /// Asks the process to end.
    public func terminate() { signal(SIGTERM) }

    /// Ends the process, whatever it does.
    public func kill() { signal(SIGKILL) }

    /// Stops the process until ``resume()``.
    public func stop() { signal(SIGSTOP) }

    /// Lets a stopped process go on.
    public func resume() { signal(SIGCONT) }

    /// Sends a signal, unless the process has ended.
    public func signal(_ number: Int32) {
        state.withLock { state in
            // A process that has been reaped may have left its number to another.
            if state.status == nil { _ = Glibc.kill(id, number) }
        }
    }

    // MARK: - End

    /// How the process ended, or nothing while it runs.
    public var status: ProcessStatus? {
        state.withLock { state in
            if state.status == nil { reap(into: &state, block: false) }
            return state.status
        }
    }

    /// Waits, with the thread, until the process has ended.
    @discardableResult
    public func waitForExit() -> ProcessStatus {
        state.withLock { state in
            if state.status == nil { reap(into: &state, block: true) }
            return state.status!
        }
    }

    private func reap(into state: inout State, block: Bool) {
        let result = lockstep_reap(id, block ? 1 : 0)
        if result == -EAGAIN { return }
        precondition(result >= 0, "Somebody else has reaped process \(id).")
        state.status = ProcessStatus(shell: result)
    }
}
