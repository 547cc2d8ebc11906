import Glibc

extension ChildProcess {
    /// Waits, with the thread, until one of the processes writes something or ends its output.
    ///
    /// It also returns when the time is over, or when a signal comes in. Processes at the end of their output
    /// are not waited for; where all are, it sleeps.
    public static func wait(for processes: [ChildProcess], upTo limit: Duration) {
        var watched = processes.filter { !$0.isAtEnd }
            .map { pollfd(fd: $0.output, events: Int16(POLLIN), revents: 0) }
        _ = poll(&watched, nfds_t(watched.count), Int32(max(0, limit / .milliseconds(1))))
    }

    /// Waits for a line that fits, and drops those before it.
    public func line(
        within limit: Duration,
        where fits: (String) -> Bool = { _ in true }
    ) async throws -> String {
        var dropped: [String] = []
        let found = try await Self.look(within: limit) { () throws(ProcessError) -> String? in
            while let line = self.nextLine() {
                if fits(line) { return line }
                dropped.append(line)
            }
            if self.isAtEnd { throw self.noLine("before its output ended", after: dropped) }
            return nil
        }
        guard let found else { throw noLine("within \(limit)", after: dropped) }
        return found
    }

    /// Waits until the process has ended, and says how.
    public func exitStatus(within limit: Duration) async throws -> ProcessStatus {
        guard let status = try await Self.look(within: limit, for: { self.status }) else {
            throw ProcessError("Process \(id) did not end within \(limit).")
        }
        return status
    }

    /// Waits until the process has ended, and gives all its lines that were not read before.
    public func finish(within limit: Duration) async throws -> (status: ProcessStatus, lines: [String]) {
        var lines: [String] = []
        let status = try await Self.look(within: limit) {
            // A process that cannot write, because nobody reads, does not end.
            lines += self.newLines()
            return self.isAtEnd ? self.status : nil
        }
        guard let status else {
            throw ProcessError("Process \(id) did not end within \(limit). It wrote: \(Self.tail(lines))")
        }
        return (status, lines)
    }

    /// Asks the processes to end, and kills those that have not after a while. All are reaped on return.
    public static func end(_ processes: [ChildProcess], grace: Duration) {
        for process in processes { process.terminate() }
        let deadline = ContinuousClock.now + grace
        while processes.contains(where: { $0.status == nil }), .now < deadline { usleep(2000) }
        for process in processes { process.kill() }
        for process in processes { process.waitForExit() }
    }

    /// Looks every few milliseconds, so that no thread is held while nothing comes.
    private static func look<Found>(
        within limit: Duration,
        for something: () throws -> Found?
    ) async throws -> Found? {
        let deadline = ContinuousClock.now + limit
        while true {
            // Read first: what came before the deadline counts, however late the look is.
            let isLate = ContinuousClock.now >= deadline
            if let found = try something() { return found }
            if isLate { return nil }
            try await Task.sleep(for: .milliseconds(3))
        }
    }

    private func noLine(_ when: String, after lines: [String]) -> ProcessError {
        ProcessError("Process \(id) did not write the expected line \(when). It wrote: \(Self.tail(lines))")
    }

    private static func tail(_ lines: [String]) -> String {
        lines.isEmpty ? "nothing" : lines.suffix(10).joined(separator: " / ")
    }
}
