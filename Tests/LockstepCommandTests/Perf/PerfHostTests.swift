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
        let first = try #require(reports.first { $0.count == 1 && $0[0].hasPrefix(#"{"members":3,"senders":3,"#) })
        #expect(first[0].contains(#""fabric":"tcp""#) && !first[0].contains(#""streamLimitRatio":null"#))
        let line = try #require(reports.first { $0 != first }?.first)
        let printer = try #require(line.firstMatch(of: /^[abc] has done its part: ([abc]) prints the report\.$/)?.1)
        let index = try #require(names.firstIndex(of: String(printer)))
        #expect(reports[index] == first)
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
            let sentence = "measures with \"fabric --size \(number == 0 ? 16 : 8) --bulk-size 65536 --seconds 0.3\""
            #expect(status == .code(1) && lines.joined().contains(sentence), "\(lines)")
            #expect(lines.joined().contains("Start all members with the same options."), "\(lines)")
        }
    }

    @Test(arguments: [2, 3])
    func theOthersDoNotWaitForOneThatIsLost(count: Int) async throws {
        let members = try start(
            ["multicast", "--members", "\(count)", "--fabric", "tcp", "--seconds", "1000", "--json"], count: count)
        // Whoever has a plain connection to another, or waits for one, measures.
        try await Task.sleep(for: .seconds(2))
        members[count - 1].kill()
        for member in members.dropLast() {
            let (status, lines) = try await member.finish(within: patience)
            #expect(status == .code(1), "\(lines)")
            #expect(lines.contains { $0.hasPrefix("Error: The ") && $0.contains("See what") }, "\(lines)")
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
