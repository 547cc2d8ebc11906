import ArgumentParser
import CLockstep
import LockstepTesting

/// What happens to a member in a trial.
enum FailoverKind: String, ExpressibleByArgument, CaseIterable {
    case kill
    case leader
    case stop
    case leave
    case join

    /// Lets it happen, and brings the fleet back to its size. Returns the longest pause of those to whom nothing
    /// happened, in nanoseconds.
    func tryOnce(with fleet: Fleet, number: Int) throws -> UInt64 {
        let victim = self == .join ? nil : fleet.dismiss(place(in: fleet, number: number))
        fleet.watchPauses(endingAfter: lockstep_monotonic_ns())
        try happen(to: victim, in: fleet)
        try fleet.settle()
        let pause = fleet.longestPause
        if let victim { try end(victim) }
        if self == .join {
            let leaver = fleet.dismiss(place(in: fleet, number: number))
            leaver.terminate()
            try end(leaver)
        } else {
            try fleet.start()
        }
        try fleet.settle()
        return pause
    }

    /// The leader, or one of the others in turn.
    private func place(in fleet: Fleet, number: Int) -> Int {
        let places = fleet.placesByRank
        return self == .leader ? places[0] : places[1 + number % (places.count - 1)]
    }

    private func happen(to victim: ChildProcess?, in fleet: Fleet) throws {
        switch self {
        case .kill, .leader: victim?.kill()
        case .stop: victim?.stop()
        case .leave: victim?.terminate()
        case .join: try fleet.start()
        }
    }

    /// A member that was stopped finds out that the others have gone on without it.
    private func end(_ victim: ChildProcess) throws {
        if self == .stop { victim.resume() }
        let status = victim.waitForExit()
        guard status == expectedEnd else {
            throw PerfFailure("Process \(victim.id) \(status) after the trial, and not as was expected.")
        }
    }

    private var expectedEnd: ProcessStatus {
        switch self {
        case .kill, .leader: .signal(9)
        case .stop: .code(FleetWorker.excluded)
        case .leave, .join: .code(0)
        }
    }
}
