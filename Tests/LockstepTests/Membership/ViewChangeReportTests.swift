import LockstepTesting
import Testing

@testable import Lockstep

@Suite("The report of a change of views", .timeLimit(.minutes(2)))
struct ViewChangeReportTests {
    /// The report of the first change at a node, which may come a moment after the view.
    private func report(of node: Node) async -> ViewChangeReport {
        while true {
            if let report = node.membership.changes.first { return report }
            await Task.yield()
        }
    }

    @Test func saysWhoLeft() async throws {
        let nodes = try await TestCluster(size: 3).found()
        await nodes[2].leave()
        for node in nodes.prefix(2) {
            let report = await report(of: node)
            #expect(report.view == 2)
            #expect(report.left == ["c"])
            #expect(report.joined + report.failed + report.silent == [])
            #expect(report.leader == "a" && report.ballot == 1)
            #expect(try await node.status.changes == [report])
        }
        await leave(nodes)
    }

    @Test func saysWhoJoined() async throws {
        let cluster = TestCluster(size: 2)
        let nodes = try await cluster.found()
        let late = try await cluster.join("late")
        let report = await report(of: nodes[0])
        #expect(report.joined == ["late"] && report.accusations.isEmpty)
        await leave(nodes + [late])
    }

    @Test func saysWhoDied() async throws {
        let nodes = try await TestCluster(size: 3).found()
        // It goes without asking anybody, as a process does that ends.
        await nodes[2].membership.leave(isAbrupt: true)
        for (node, name) in zip(nodes.prefix(2), ["a", "b"]) {
            let view = try await node.view { $0.members.count == 2 }
            #expect(view.change?.failed.map(\.name) == ["c"])
            #expect(view.change?.gone == view.change?.failed)
            let report = await report(of: node)
            #expect(report.failed == ["c"])
            #expect(report.accusations.contains(.init(accuser: name, accused: "c", reason: .died)))
        }
        await leave(nodes)
    }

    @Test func hasThePhasesInTheirOrder() async throws {
        let nodes = try await TestCluster(size: 3).found()
        await nodes[1].leave()
        let leader = await report(of: nodes[0])
        #expect(leader.steps.map(\.phase) == ViewChangeReport.Phase.allCases)
        #expect(zip(leader.steps, leader.steps.dropFirst()).allSatisfy { $0.after <= $1.after })
        #expect(leader.description.hasPrefix("view 2 without b (left): wedged after "))
        await leave(nodes)
    }

    @Test func isForgottenAfterSixteenOthers() async throws {
        let cluster = TestCluster(size: 2)
        let nodes = try await cluster.found()
        for _ in 0..<9 { await (try await cluster.join("late")).leave() }
        let changes = nodes[0].membership.changes
        #expect(changes.count == 16)
        #expect(zip(changes, changes.dropFirst()).allSatisfy { $0.view + 1 == $1.view })
        #expect(changes.first.map { $0.view > 2 } == true)
        await leave(nodes)
    }

    @Test func isOneLineOfTheLog() async throws {
        let lines = LogLines()
        try await withCluster(of: 2, logger: lines.logger) { nodes in
            await nodes[1].leave()
            _ = await report(of: nodes[0])
        }
        #expect(lines.lines.count { $0.contains("view 2 without b (left)") } == 1)
    }
}
