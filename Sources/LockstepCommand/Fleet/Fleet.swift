import ArgumentParser
import CLockstep
import Glibc
import LockstepTesting

/// Processes of one cluster that come and go while all of them make updates, and their parent's account of it.
final class Fleet {
    /// Those that run, and may go on.
    private(set) var members: [FleetMember] = []
    /// Those whose process is about to end.
    private var ending: [FleetMember] = []
    /// Those that have ended, as they might: their callers' updates count all the same.
    private var former: [FleetMember] = []
    /// How many have ended though nothing was done to them, in a way that is tolerated.
    private(set) var unexpectedEnds: UInt64 = 0
    private var startedEver = 0
    private let setup: Setup
    private let cluster = "fleet-\(getpid())-\(String(UInt16.random(in: 4096...UInt16.max), radix: 16))"

    struct Setup {
        /// In the first view.
        var members: Int
        /// Of each member.
        var pollers = 1
        /// Tasks of each member that make updates.
        var callers = 2
        /// How any of them may end, though nothing was done to it.
        var tolerated: Set<ProcessStatus> = []
        /// True if members also use locks, barriers, queues and what else they share.
        var sharesMore = false
        /// How large the replicated state is besides the account of the callers, in bytes.
        var stateBytes = 0
    }

    /// How long a fleet may take for anything before something must be wrong.
    private static let patience = Duration.seconds(60)

    /// Starts the members of the first view.
    init(_ setup: Setup) throws {
        self.setup = setup
        for _ in 0..<setup.members { try start() }
    }

    deinit { ChildProcess.end((members + ending).map(\.process), grace: PerfLimits.leave) }

    /// Starts one more.
    func start() throws {
        let name = "m\(startedEver)"
        startedEver += 1
        let words =
            [
                FleetWorker.name, "--cluster", cluster, "--name", name, "--expecting", "\(setup.members)", "--parent",
                "\(getpid())", "--pollers", "\(setup.pollers)", "--callers", "\(setup.callers)", "--state",
                "\(setup.stateBytes)",
            ] + (setup.sharesMore ? ["--shares-more"] : [])
        let process = try ChildProcess("/proc/self/exe", words)
        members.append(FleetMember(name: name, process: process, callers: setup.callers))
    }

    // MARK: - Members

    /// The names of ``members`` by rank, as far as they know.
    var namesByRank: [String] {
        members.sorted { ($0.view?.rank ?? .max) < ($1.view?.rank ?? .max) }.map(\.name)
    }

    /// From now on nothing more is expected of a member than that it ends, in one of these ways.
    func dismiss(_ name: String, allowing ends: Set<ProcessStatus>) -> ChildProcess {
        var member = members.remove(at: place(of: name))
        member.allowedEnds = ends
        ending.append(member)
        return member.process
    }

    /// A member may end in this way until all are at work again.
    func doubt(_ name: String, allowing end: ProcessStatus) -> ChildProcess {
        let place = place(of: name)
        members[place].allowedEnds = [end]
        return members[place].process
    }

    func isRunning(_ name: String) -> Bool { members.contains { $0.name == name } }

    private func place(of name: String) -> Int {
        guard let place = members.firstIndex(where: { $0.name == name }) else {
            preconditionFailure("a member that has something done to it must be one that runs")
        }
        return place
    }

    /// Begins to look for the longest pause of those that end after a time.
    func watchPauses(endingAfter time: Int64) {
        for index in members.indices { members[index].watchPauses(endingAfter: time) }
    }

    /// The longest that any of those who run saw.
    var longestPause: UInt64 { members.map(\.longestPause).max() ?? 0 }

    /// The longest pause in a time in which nothing happens to them.
    func longestPause(within time: Duration) throws -> UInt64 {
        watchPauses(endingAfter: lockstep_monotonic_ns())
        try wait(until: .now + time)
        return longestPause
    }

    /// Stops all of them for a time, and waits until they are at work again.
    ///
    /// - Throws: A sentence if a view has changed: nobody has missed anything.
    func freeze(for time: Duration) throws {
        let before = members.map { $0.view?.number }
        for member in members { member.process.stop() }
        try wait(until: .now + time)
        for member in members { member.process.resume() }
        let half = UInt64(time / .nanoseconds(2))
        try wait(for: "The first results after all were stopped") { fleet in
            fleet.members.allSatisfy { $0.longestPause >= half }
        }
        // Whoever suspects somebody does so by now.
        try wait(until: .now + .milliseconds(300))
        guard members.map({ $0.view?.number }) == before else {
            throw PerfFailure("All were stopped, and then the view changed.\(whereabouts)")
        }
    }

    // MARK: - Time

    /// Reads what comes until something is so.
    ///
    /// - Throws: A sentence if it takes too long, or if a member ends that should not, or not so.
    func wait(for what: String, until isSo: (Fleet) throws -> Bool) throws {
        let deadline = ContinuousClock.now + Self.patience
        repeat {
            ChildProcess.wait(for: members.map(\.process), upTo: .milliseconds(5))
            try look()
            if .now > deadline { throw PerfFailure("\(what) took too long.\(whereabouts)") }
        } while try !isSo(self)
    }

    private func look() throws {
        if let signal = Interruption.signal { throw ExitCode(128 + signal) }
        let ended = Set((members + ending).filter { $0.process.status != nil }.map(\.name))
        // After that, so that the last words of those who have ended are read too.
        for index in members.indices { members[index].update() }
        for index in ending.indices { ending[index].update() }
        guard !ended.isEmpty else { return }
        let dead = (members + ending).filter { ended.contains($0.name) }
        let unexpected = dead.filter { !$0.allowedEnds.contains($0.process.waitForExit()) }
        if let bad = unexpected.first(where: { !setup.tolerated.contains($0.process.waitForExit()) }) {
            throw PerfFailure("\(bad.name) should not have ended so.\(whereabouts)")
        }
        unexpectedEnds += UInt64(unexpected.count)
        members.removeAll { ended.contains($0.name) }
        ending.removeAll { ended.contains($0.name) }
        former += dead
    }

    /// Lets time pass.
    func wait(until end: ContinuousClock.Instant) throws {
        while .now < end {
            ChildProcess.wait(for: members.map(\.process), upTo: end - .now)
            try look()
        }
    }

    /// Waits until all whose end is expected have ended.
    func waitForEnds() throws {
        try wait(for: "The end of \(ending.map(\.name).joined(separator: ", "))") { $0.ending.isEmpty }
    }

    /// Waits until all that run are in one view, with nobody else, and get results there.
    func settle() throws {
        try wait(for: "A view of those that are left, all of them at work,") { $0.isSettled }
        for index in members.indices { members[index].allowedEnds = [] }
    }

    private var isSettled: Bool {
        let views = Set(members.map { $0.view?.number })
        return views.count == 1 && members.allSatisfy { $0.view?.members == UInt64(members.count) && $0.isAtWork }
    }

    private var whereabouts: String { (members + ending).map(\.whereabouts).joined() }

    // MARK: - The end

    /// Lets all callers end, and compares what they know with what the replicas have.
    func conclude() throws -> FleetVerdict {
        for member in members { member.process.signal(SIGUSR1) }
        try wait(for: "The account of the members") { fleet in fleet.members.allSatisfy(\.hasEnded) }
        var history = FleetHistory()
        for member in members { history.add(member.history, process: member.process.id, isOut: false) }
        for member in former { history.add(member.history, process: member.process.id, isOut: true) }
        return FleetVerdict(
            members.map(\.replica), acknowledged: (members + former).flatMap(\.acknowledged), history)
    }
}
