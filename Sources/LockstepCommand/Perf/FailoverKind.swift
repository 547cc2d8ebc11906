import ArgumentParser
import CLockstep
import Glibc
import LockstepTesting

/// What happens to a member in a trial.
enum FailoverKind: String, ExpressibleByArgument, CaseIterable {
    case kill
    case leader
    case stop
    case leave
    case join
    case freeze

    /// Lets it happen. Returns the longest pause of those to whom nothing happened, in nanoseconds.
    func tryOnce(with fleet: Fleet, number: Int) throws -> UInt64 {
        let victim = hasVictim ? dismissOne(of: fleet, number: number) : nil
        fleet.watchPauses(endingAfter: lockstep_monotonic_ns())
        try happen(to: victim, in: fleet)
        try fleet.settle()
        let pause = fleet.longestPause
        // Whoever was stopped finds out that the others have gone on without it.
        victim?.resume()
        try fleet.waitForEnds()
        return pause
    }

    /// Brings the fleet back to its size.
    func restore(_ fleet: Fleet, number: Int) throws {
        switch self {
        case .freeze: return
        case .join: dismissOne(of: fleet, number: number).terminate()
        case .kill, .leader, .stop, .leave: try fleet.start()
        }
        try fleet.waitForEnds()
        try fleet.settle()
    }

    /// The leader, or one of the others in turn.
    private func dismissOne(of fleet: Fleet, number: Int) -> ChildProcess {
        let names = fleet.namesByRank
        let name = self == .leader ? names[0] : names[1 + number % (names.count - 1)]
        return fleet.dismiss(name, allowing: [end])
    }

    private func happen(to victim: ChildProcess?, in fleet: Fleet) throws {
        switch self {
        case .kill, .leader: victim?.kill()
        case .stop: victim?.stop()
        case .leave: victim?.terminate()
        case .join: try fleet.start()
        case .freeze: try fleet.freeze(for: .seconds(1))
        }
    }

    private var hasVictim: Bool { self != .join && self != .freeze }

    private var end: ProcessStatus {
        switch self {
        case .kill, .leader: .signal(SIGKILL)
        case .stop: FleetWorker.excluded
        case .leave, .join, .freeze: .code(0)
        }
    }
}
