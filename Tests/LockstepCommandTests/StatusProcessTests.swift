import Foundation
import Glibc
import LockstepTesting
import Testing

@testable import LockstepCommand

/// The built program, and a demonstration for it to look at.
@Suite(.serialized)
struct StatusProcessTests {
    private func cluster(of demo: ChildProcess) async throws -> String {
        let line = try await demo.line(within: patience) { $0.contains("by the name demo-") }
        let words = line.split { " .,".contains($0) }
        return String(try #require(words.first { $0.hasPrefix("demo-") }))
    }

    @Test func saysWhatTheNodesOfAClusterSay() async throws {
        let demo = try CommandRun.start(["demo", "--seconds", "1000", "--plain", "--members", "2"])
        let cluster = try await cluster(of: demo)
        _ = try await demo.line(within: patience) { $0.contains("updates ") }

        let text = try await CommandRun("status", "--cluster", cluster)
        #expect(text.status == .code(0), "\(text.text)")
        for part in ["alpha in \(cluster), view 1, rank 0", "bravo in \(cluster), view 1, rank 1", "Inventory, active"]
        {
            #expect(text.text.contains(part), "\(part) in \(text.text)")
        }
        #expect(text.text.contains("query  quantity(of:): (String) -> Int"), "\(text.text)")

        let json = try await CommandRun("status", "--cluster", cluster, "--json")
        #expect(json.status == .code(0) && json.lines.count == 2)
        for line in json.lines {
            let node = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(node["cluster"] as? String == cluster)
            #expect((node["members"] as? [Any])?.count == 2)
            let group = try #require((node["groups"] as? [[String: Any]])?.first)
            let status = try #require(group["status"] as? [String: Any])
            #expect(status["isActive"] as? Bool == true && status["divergence"] is NSNull)
        }
        demo.kill()
        _ = try await demo.finish(within: patience)
    }

    @Test func saysWhoWasStopped() async throws {
        let demo = try CommandRun.start(["demo", "--seconds", "1000", "--plain"])
        let cluster = try await cluster(of: demo)
        let line = try await demo.line(within: patience) { $0.hasPrefix("Processes: ") }
        let stopped = try #require(processes(in: line).last)
        _ = try await demo.line(within: patience) { $0.contains("updates ") }
        #expect(kill(stopped.process, SIGSTOP) == 0)
        var text = ""
        while !text.contains("view 2 without charlie (silent): wedged after ") {
            text = try await CommandRun("status", "--cluster", cluster).text
        }
        #expect(text.contains("alpha did not hear charlie (silent)"), "\(text)")
        demo.kill()
        _ = kill(stopped.process, SIGKILL)
        _ = try await demo.finish(within: patience)
    }

    @Test func saysThatThereIsNoNode() async throws {
        let run = try await CommandRun("status", "--cluster", "nobody")
        #expect(run.status == .code(1))
        #expect(run.text.contains("No node of a cluster \"nobody\" runs on this host"), "\(run.text)")
    }
}
