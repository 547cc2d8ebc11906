import Glibc
import LockstepTesting
import Testing

/// The built program, with real processes. One at a time: each starts several.
@Suite(.serialized)
struct PerfProcessTests {
    @Test(arguments: [
        ["--members", "3"],
        ["--members", "3", "--senders", "one", "--size", "10"],
        ["--members", "3", "--senders", "2", "--size", "0", "--groups", "4"],
        ["--members", "3", "--pollers", "2", "--groups", "4"],
        ["--members", "2", "--order", "none", "--size", "5000"],
        ["--members", "2", "--ring-bytes", "4096", "--size", "1008"],
    ])
    func everyMemberReceivesWhatIsSent(arguments: [String]) async throws {
        let json = try await measure(["multicast", "--seconds", "0.3", "--json"] + arguments)
        for key in [
            "messages", "messagesPerSecond", "cpuNanosecondsPerMessage", "ringLimitMessagesPerSecond",
            "ringLimitRatio", "wakeLimitNanoseconds", "p50", "p99", "p999", "max",
        ] {
            #expect(try #require(number(key, in: json), "\(key) in \(json)") > 0, "\(key)")
        }
    }

    @Test(arguments: [
        ["--fabric", "shared-memory"], ["--fabric", "tcp", "--size", "8"], ["--bulk-size", "4194304"],
        ["--pollers", "4"],
    ])
    func writesAreMeasured(arguments: [String]) async throws {
        let json = try await measure(["fabric", "--seconds", "0.3", "--json"] + arguments)
        for key in [
            "latencyWrites", "sleepingLatencyWrites", "p50", "p99", "p999", "max", "bytesPerSecond",
            "peakBytesPerSecond", "writes",
        ] {
            #expect(try #require(number(key, in: json), "\(key) in \(json)") > 0, "\(key)")
        }
    }

    @Test(arguments: [
        ["--members", "3"],
        ["--members", "2", "--caller", "task"],
        ["--members", "3", "--caller", "poller", "--pollers", "2"],
        ["--members", "3", "--mode", "awaited", "--callers", "2"],
        ["--members", "2", "--mode", "awaited", "--caller", "task"],
    ])
    func everyMemberExecutesWhatIsCalled(arguments: [String]) async throws {
        let json = try await measure(["calls", "--seconds", "0.3", "--json"] + arguments)
        for key in [
            "messages", "messagesPerSecond", "cpuNanosecondsPerMessage", "p50", "p99", "p999", "max",
            "rawAwaitedNanoseconds", "rawAwaitedRatio", "rawMessagesPerSecond", "rawRatio",
        ] {
            #expect(try #require(number(key, in: json), "\(key) in \(json)") > 0, "\(key)")
        }
    }

    @Test(arguments: [
        ("lock", ["p50", "p99", "acquireNanoseconds", "crowdedAcquireNanoseconds"]),
        ("handover", ["handoversPerSecond"]),
        ("barrier", ["p50", "p99"]),
        ("election", ["resignNanoseconds", "killNanoseconds"]),
    ])
    func membersShareByName(primitive: String, keys: [String]) async throws {
        let json = try await measure(
            ["coordination", "--primitive", primitive, "--clients", "30", "--seconds", "0.3", "--json"])
        for key in keys { #expect(json.contains("\"\(key)\":"), "\(key) in \(json)") }
        #expect(!json.contains(":0,") && !json.contains(":[]"), "\(json)")
    }

    @Test
    func callsPrintATableForPeople() async throws {
        let run = try await CommandRun("perf", "calls", "--members", "2", "--seconds", "0.3")
        #expect(run.status == .code(0), "\(run.text)")
        #expect(run.lines.first?.hasPrefix("Two members, all call: calls of three integers") == true, "\(run.text)")
        for row in ["calls", "raw messages", "latency", "raw latency"] {
            #expect(run.lines.contains { $0.hasPrefix("\(row)  ") }, "\(run.text)")
        }
    }

    @Test
    func oneMemberHasNoLimits() async throws {
        let json = try await measure(["multicast", "--members", "1", "--seconds", "0.3", "--json"])
        #expect(try #require(number("messages", in: json)) > 0)
        #expect(json.contains(#""ringLimitRatio":null"#))
        #expect(json.contains(#""wakeLimitNanoseconds":null"#))
    }

    @Test
    func printsATableForPeople() async throws {
        let run = try await CommandRun("perf", "multicast", "--members", "2", "--seconds", "0.3")
        #expect(run.status == .code(0), "\(run.text)")
        #expect(run.lines.first?.hasPrefix("Two members, all send: messages of 1,024 bytes") == true, "\(run.text)")
        for row in ["multicast", "bare ring", "latency", "bare wake"] {
            #expect(run.lines.contains { $0.hasPrefix("\(row)  ") }, "\(run.text)")
        }
    }

    @Test
    func idleNodesAreMeasured() async throws {
        let json = try await measure(["idle", "--members", "2", "--groups", "3", "--seconds", "0.3", "--json"])
        #expect(number("members", in: json) == 2)
        #expect(try #require(number("cpuPercentPerNode", in: json)) >= 0)
        #expect(try #require(number("residentMegabytesPerNode", in: json)) > 1)
    }

    @Test(arguments: ["bytes", "map"])
    func aNewcomerGetsTheState(shape: String) async throws {
        let json = try await measure(
            ["transfer", "--shape", shape, "--state", "100000", "--trials", "2", "--json"])
        #expect(json.hasPrefix(#"{"shape":"\#(shape)","stateBytes":100000,"trials":2,"#), "\(json)")
        for key in ["milliseconds", "bytesPerSecond"] {
            #expect(try #require(number(key, in: json), "\(key) in \(json)") > 0, "\(key)")
        }
    }

    @Test(arguments: ["kill", "leader", "stop", "leave", "join"])
    func theOthersGoOnWithEveryUpdate(kind: String) async throws {
        let json = try await measure(["failover", "--kind", kind, "--trials", "2", "--state", "100000", "--json"])
        #expect(json.hasPrefix(#"{"kind":"\#(kind)","members":3,"stateBytes":100000,"trials":2,"#), "\(json)")
        #expect(json.contains(#""lost":0,"duplicated":0,"equal":true"#), "\(json)")
        for key in ["p50", "p99", "max", "acknowledged"] {
            #expect(try #require(number(key, in: json), "\(key) in \(json)") > 0, "\(key)")
        }
    }

    @Test
    func aKilledMemberIsAnError() async throws {
        let perf = try CommandRun.start(["perf", "multicast", "--members", "3", "--seconds", "1000", "--json"])
        let members = try await members(of: perf, count: 3)
        #expect(kill(members[1], SIGKILL) == 0)
        let (status, lines) = try await perf.finish(within: patience)
        #expect(status == .code(1))
        let sentence = "(process \(members[1])) was ended by signal 9 (Killed)."
        #expect(lines.first?.hasPrefix("Error: The member m") == true, "\(lines)")
        #expect(lines.first?.contains(sentence) == true, "\(lines)")
        expectGone(members)
    }

    @Test
    func anInterruptionEndsTheMembers() async throws {
        let perf = try CommandRun.start(["perf", "idle", "--members", "2", "--seconds", "1000"])
        let members = try await members(of: perf, count: 2)
        perf.signal(SIGINT)
        let (status, lines) = try await perf.finish(within: patience)
        #expect(status == .signal(SIGINT), "as shells write it, 128 and the signal")
        #expect(lines.isEmpty, "\(lines)")
        expectGone(members)
    }

    // MARK: - Parts

    /// The only line that a measurement prints.
    private func measure(_ arguments: [String]) async throws -> String {
        let (status, lines) = try await CommandRun.start(["perf"] + arguments).finish(within: patience)
        #expect(status == .code(0), "\(lines)")
        try #require(lines.count == 1, "\(lines)")
        return lines[0]
    }

    private func number(_ key: String, in json: String) -> Double? {
        guard let range = json.firstRange(of: "\"\(key)\":") else { return nil }
        return Double(json[range.upperBound...].prefix { $0.isNumber || $0 == "." || $0 == "-" })
    }

    /// The children of a command, once it has started them all.
    private func members(of command: ChildProcess, count: Int) async throws -> [Int32] {
        while true {
            let members = children(of: command.id)
            if members.count == count { return members }
            try #require(command.status == nil, "\(command.newLines())")
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func expectGone(_ processes: [Int32]) {
        for process in processes { #expect(kill(process, 0) == -1 && errno == ESRCH, "\(process) is there") }
    }
}

/// The processes that a process has started and that it has not reaped, by number.
private func children(of parent: Int32) -> [Int32] {
    guard let folder = opendir("/proc") else { return [] }
    defer { closedir(folder) }
    var found: [Int32] = []
    while let entry = readdir(folder) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if let process = Int32(name), processParent(process) == parent { found.append(process) }
    }
    return found.sorted()
}
