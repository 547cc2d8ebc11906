import Foundation
import LockstepTesting
import Testing

/// How views change, scenario by scenario, in words: the files in `Transcripts/`.
///
/// `LOCKSTEP_RECORD=1` writes them again; look at what has changed before you commit it.
@Suite("Transcripts of changes of views")
struct TranscriptTests {
    private typealias Timed = ClusterScenario.Timed

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Transcripts")

    private static let load = [
        Timed(900, .updates(node: 0, shard: 0, count: 2)), Timed(950, .updates(node: 1, shard: 0, count: 2)),
    ]

    /// By the name of the file.
    private static func scenario(_ name: String) -> ClusterScenario {
        switch name {
        case "one-crash": three([Timed(1_000, .crash(node: 2, pushes: 0, isKnown: true))])
        case "two-at-once":
            ClusterScenario(
                founders: 5,
                events: load + [
                    Timed(1_000, .crash(node: 3, pushes: 0, isKnown: true)),
                    Timed(1_000, .crash(node: 4, pushes: 0, isKnown: true)),
                ])
        case "join": ClusterScenario(founders: 2, nodes: 3, events: load + [Timed(1_000, .start(node: 2))])
        case "join-and-crash":
            ClusterScenario(
                founders: 3, nodes: 4,
                events: load + [Timed(1_000, .start(node: 3)), Timed(1_950, .crash(node: 1, pushes: 0, isKnown: true))])
        case "leave": three([Timed(1_000, .leave(node: 1))])
        case "partition-with-majority":
            three([
                Timed(1_000, .cut(from: [0, 1], to: [2], duration: 12_000)),
                Timed(1_000, .cut(from: [2], to: [0, 1], duration: 12_000)),
            ])
        case "partition-without-majority":
            ClusterScenario(
                founders: 2,
                events: load + [
                    Timed(1_000, .cut(from: [0], to: [1], duration: 12_000)),
                    Timed(1_000, .cut(from: [1], to: [0], duration: 12_000)),
                ])
        case "false-suspicion": three([Timed(1_000, .pause(node: 2, duration: 4_600))])
        case "rejoin":
            three([
                Timed(1_000, .crash(node: 2, pushes: 0, isKnown: true)), Timed(6_000, .start(node: 2)),
            ])
        case "resend": three([Timed(960, .crash(node: 2, pushes: 0, isKnown: true))])
        case "leader-crash":
            ClusterScenario(founders: 4, events: load + [leaderCrash(at: 8), Timed(1_200, .leave(node: 3))])
        default: preconditionFailure("there is no scenario \(name)")
        }
    }

    private static func three(_ events: [Timed]) -> ClusterScenario {
        ClusterScenario(founders: 3, events: load + events)
    }

    /// The leader dies so many pushes after it begins to change the view.
    private static func leaderCrash(at pushes: Int) -> Timed {
        Timed(1_000, .failInChange(node: 0, pushes: pushes, cutOff: nil))
    }

    static let names =
        [
            "one-crash", "two-at-once", "leader-crash", "join", "join-and-crash", "leave", "partition-with-majority",
            "partition-without-majority", "false-suspicion", "rejoin", "resend",
        ]

    @Test("are as they were recorded", arguments: names)
    func transcripts(name: String) throws {
        let result = ClusterSimulation(Self.scenario(name), isTraced: true).run()
        #expect(result.violation == nil)
        let text = result.trace.joined(separator: "\n") + "\n"
        let file = Self.folder.appending(path: "\(name).txt")
        if ProcessInfo.processInfo.environment["LOCKSTEP_RECORD"] == "1" {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == text, "\(name) has changed")
    }

    @Test("end well when the leader dies at any step of a change", arguments: 0..<30)
    func leaderCrashes(pushes: Int) {
        let leave = Timed(1_200, .leave(node: 3))
        let scenario = ClusterScenario(founders: 4, events: Self.load + [Self.leaderCrash(at: pushes), leave])
        let result = ClusterSimulation(scenario).run()
        #expect(result.violation == nil && result.hadMajority)
        #expect(result.viewCount > 1)
    }

    /// Those who were there leave as somebody comes, and cannot talk to each other for a while.
    @Test("end well when all leave as a node joins", arguments: 0..<30 as Range<Int64>)
    func everybodyLeaves(delay: Int64) {
        let time = 1_700 + 10 * delay
        let scenario = ClusterScenario(
            founders: 2, nodes: 3,
            events: Self.load + [
                Timed(1_000, .start(node: 2)), Timed(time, .leave(node: 0)), Timed(time, .leave(node: 1)),
                Timed(time, .cut(from: [0], to: [1], duration: 2_000)),
            ])
        #expect(ClusterSimulation(scenario).run().violation == nil)
    }
}
