import Lockstep

/// How a member says what it has found out: to the parent that has started it, or to the other members.
typealias PerfSaying = @Sendable (PerfMessage) -> Void

extension MemberOptions {
    /// Says what was found out, and stays for the others until the parent ends this process.
    func stay(saying message: PerfMessage) async throws {
        say(message)
        try await stay()
    }

    /// Says something that was found out.
    var say: PerfSaying { { Terminal.writeLine($0.line) } }

    /// Stays for the others until the parent ends this process.
    func stay() async throws {
        while true { try await Task.sleep(for: .seconds(PerfLimits.secondsMax)) }
    }
}

extension Node {
    /// Hosts groups that nothing is sent to.
    func hostIdleGroups(_ count: Int) async throws {
        var options = GroupOptions()
        options.ringBytes = PerfLimits.idleRingBytes
        for number in 0..<count {
            _ = try await hostRaw(GroupID("idle-\(number)"), options: options) { IdleReceiver() }
        }
    }
}

private struct IdleReceiver: RawReceiver {
    mutating func receive(_ message: RawMessage, _ bytes: RawSpan) {}
}
