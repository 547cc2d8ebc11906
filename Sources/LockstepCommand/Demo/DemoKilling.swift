import ArgumentParser
import CLockstep
import Glibc
import LockstepTesting

/// A demonstration in which members die: about once a second one is killed with -9, and another takes its place.
final class DemoKilling {
    private let count: Int
    private let seconds: Int
    private let fleet: Fleet
    private let start = ContinuousClock.now
    private var kills = 0

    private static let pause = Duration.seconds(1)

    init(members count: Int, seconds: Int, callers: Int) throws {
        (self.count, self.seconds) = (count, seconds)
        Terminal.writeLine(
            "\(count.spelled.capitalizedFirst) processes find each other. One of them is killed each second.")
        // A host that is busy enough may make members look dead that are not.
        fleet = try Fleet(Fleet.Setup(members: count, callers: callers, tolerated: [FleetWorker.excluded]))
    }

    /// Shows everything up to the verdict, which is the exit code.
    func run() throws {
        try fleet.settle()
        let list = fleet.members.map { "\($0.name) \($0.process.id)" }
        tell("Processes: \(list.joined(separator: ", ")). \(view)")
        repeat {
            try fleet.wait(until: .now + Self.pause)
            // Without whoever only looked dead, those who are left after a kill might lack the majority.
            try replace()
            try kill()
            try replace()
        } while .now < start + .seconds(seconds)
        try conclude()
    }

    private func kill() throws {
        guard let victim = fleet.members.randomElement() else { return }
        fleet.watchPauses(endingAfter: lockstep_monotonic_ns())
        fleet.dismiss(victim.name, allowing: [.signal(SIGKILL)]).kill()
        try fleet.waitForEnds()
        try fleet.settle()
        kills += 1
        let wait = "The others waited \(fleet.longestPause.asNanoseconds) at most."
        tell("\(victim.name) (process \(victim.process.id)) is killed. \(view) \(wait)")
    }

    /// Members may be missing that were not killed, but only looked dead.
    private func replace() throws {
        while fleet.members.count < count {
            try fleet.start()
            try fleet.settle()
            guard let newcomer = fleet.members.last else { return }
            tell("\(newcomer.name) (process \(newcomer.process.id)) comes, and is given the state. \(view)")
        }
    }

    private func conclude() throws {
        let verdict = try fleet.conclude()
        let deaths = kills == 1 ? "One process was killed." : "\(kills.spelled.capitalizedFirst) processes were killed."
        Terminal.writeLine("\(deaths) \(verdict.sentence)")
        if !verdict.isGood { throw ExitCode.failure }
    }

    // MARK: - Lines

    /// The view of all, once they are settled.
    private var view: String {
        guard let view = fleet.members.first?.view else { return "" }
        return "View \(view.number) has \(view.members.spelled) members."
    }

    private func tell(_ sentence: String) {
        let time = ((ContinuousClock.now - start) / .seconds(1)).fixed(1).leftPadded(to: 5)
        Terminal.writeLine("\(time) s  \(sentence)")
    }
}
