import Foundation
import Glibc
import Lockstep
import LockstepTesting
import Testing

@testable import LockstepCommand

/// Members that are started by hand, as on several hosts. Here they are on one, with a port each.
@Suite(.serialized)
struct PerfHostTests {
    private let cluster = "hosts-\(UInt64.random(in: .min ... .max))"
    private let names = ["a", "b", "c"]

    @Test
    func theFirstOneGathersWhatAllHaveFound() async throws {
        let members = try start(["multicast", "--members", "3", "--fabric", "tcp", "--seconds", "0.3", "--json"])
        let reports = try await finish(members)
        let first = try #require(reports.firstIndex { $0.last?.hasPrefix(#"{"members":3,"senders":3,"#) == true })
        let report = try #require(reports[first].last)
        #expect(report.contains(#""fabric":"tcp""#) && !report.contains(#""streamLimitRatio":null"#), "\(report)")
        for (name, lines) in zip(names, reports) where name != names[first] {
            #expect(lines.last == "\(name) has done its part: \(names[first]) prints the report.", "\(lines)")
        }
    }

    @Test
    func callsAreMeasuredToo() async throws {
        let members = try start(
            ["calls", "--members", "2", "--fabric", "tcp", "--seconds", "0.3", "--caller", "task", "--json"], count: 2)
        let lines = try await finish(members).flatMap { $0 }
        #expect(lines.count { $0.hasPrefix(#"{"members":2,"callers":2,"#) } == 1, "\(lines)")
    }

    @Test
    func whoMeasuresSomethingElseIsSaid() async throws {
        let members = try start(["fabric", "--fabric", "tcp", "--seconds", "0.3"], count: 2) { number in
            ["--size", number == 0 ? "8" : "16"]
        }
        for (number, member) in members.enumerated() {
            let (status, lines) = try await member.finish(within: patience)
            let other = "fabric --size \(number == 0 ? 16 : 8) --bulk-size 65536 --seconds 0.3 --pollers 1"
            let sentence = "measures with \"\(other)\""
            #expect(status == .code(1) && lines.joined().contains(sentence), "\(lines)")
            #expect(lines.joined().contains("Start all members with the same options."), "\(lines)")
        }
    }

    @Test(arguments: [2, 3])
    func theOthersDoNotWaitForOneThatIsLost(count: Int) async throws {
        let members = try start(
            ["multicast", "--members", "\(count)", "--fabric", "tcp", "--seconds", "1000", "--json"], count: count)
        try await waitForGroup("perf", of: names[count - 1])
        members[count - 1].kill()
        for member in members.dropLast() {
            let (status, lines) = try await member.finish(within: patience)
            #expect(status == .code(1), "\(lines)")
            let isSaid = lines.contains { line in
                [
                    "is lost.", "are not heard any more.", "A member is gone,",
                    "A plain connection between two members failed",
                ]
                .contains { line.hasPrefix("Error: ") && line.contains($0) }
            }
            #expect(isSaid, "\(lines)")
        }
    }

    #if TLS
        @Test
        func certificatesProtectThemUnlessSomethingElseIsAskedFor() async throws {
            let credentials = try PerfCredentials(cluster, members: names)
            let members = try start(["fabric", "--seconds", "0.3", "--json"], count: 2) { number in
                ["--credentials", "\(credentials.folder)/\(names[number])"]
            }
            let lines = try await finish(members).flatMap { $0 }
            #expect(lines.count { $0.hasPrefix(#"{"fabric":"tls","size":64,"#) } == 1, "\(lines)")
        }

        @Test
        func whoHasNoCertificateIsTold() async throws {
            let member = try start(["fabric"], count: 1)[0]
            let (status, lines) = try await member.finish(within: patience)
            #expect(status != .code(0) && lines.joined().contains("/etc/lockstep/\(cluster)/a"), "\(lines)")
        }
    #endif

    // MARK: - Parts

    /// Members a, b and so on, of which the first listens at the seed.
    private func start(
        _ arguments: [String], count: Int = 3, _ own: (Int) -> [String] = { _ in [] }
    ) throws -> [ChildProcess] {
        let seed = try #require(try PerfFabric.tcp.seed())
        return try (0..<count).map { number in
            let place = ["--seed", seed, "--listen", number == 0 ? seed : "127.0.0.1:0", "--name", names[number]]
            return try CommandRun.start(
                ["perf"] + arguments + ["--cluster", cluster] + place + own(number))
        }
    }

    /// Waits until a member has a group.
    private func waitForGroup(_ group: String, of member: String) async throws {
        while true {
            let lines = try await CommandRun("status", "--cluster", cluster, "--json").lines
            let isThere = lines.contains {
                $0.contains("\"node\":\"\(member)\",") && $0.contains("{\"group\":\"\(group)\",")
            }
            if isThere { return }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// The lines of each.
    private func finish(_ members: [ChildProcess]) async throws -> [[String]] {
        var lines: [[String]] = []
        for member in members {
            let (status, text) = try await member.finish(within: patience)
            #expect(status == .code(0), "\(text)")
            lines.append(text)
        }
        return lines
    }
}
