import Lockstep

extension MemberOptions {
    /// Says what was found out, and stays for the others until the parent ends this process.
    func stay(saying message: PerfMessage) async throws {
        Terminal.writeLine(message.line)
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
