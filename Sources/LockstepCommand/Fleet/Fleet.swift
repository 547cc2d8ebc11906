import ArgumentParser
import Glibc
import LockstepTesting

/// Processes of one cluster that come and go while all of them make updates, and their parent's account of it.
final class Fleet {
    /// Those that run.
    private(set) var members: [FleetMember] = []
    /// Those that have ended, as was wanted: their callers' updates count all the same.
    private var former: [FleetMember] = []
    private var startedEver = 0
    private let setup: Setup
    private let cluster = "fleet-\(getpid())-\(String(UInt16.random(in: 4096...UInt16.max), radix: 16))"

    struct Setup {
        /// In the first view.
        var members: Int
        /// Tasks of each member that make updates.
        var callers = 2
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

    deinit { ChildProcess.end(members.map(\.process), grace: PerfLimits.leave) }

    /// Starts one more.
    func start() throws {
        let name = "m\(startedEver)"
        startedEver += 1
        let words = [
            FleetWorker.name, "--cluster", cluster, "--name", name, "--expecting", "\(setup.members)", "--parent",
            "\(getpid())", "--callers", "\(setup.callers)", "--state", "\(setup.stateBytes)",
        ]
        let process = try ChildProcess("/proc/self/exe", words)
        members.append(FleetMember(name: name, process: process, callers: setup.callers))
    }

    // MARK: - Members

    /// The places in ``members`` by rank, as far as they know.
    var placesByRank: [Int] {
        members.indices.sorted { (members[$0].view?.rank ?? .max) < (members[$1].view?.rank ?? .max) }
    }

    /// Takes the member at a place of ``members`` out of those that run, before its process ends.
    func dismiss(_ place: Int) -> ChildProcess {
        former.append(members.remove(at: place))
        return former[former.count - 1].process
    }

    /// Begins to look for the longest pause of those that end after a time.
    func watchPauses(endingAfter time: Int64) {
        for index in members.indices { members[index].watchPauses(endingAfter: time) }
    }

    /// The longest that any of those who run saw.
    var longestPause: UInt64 { members.map(\.longestPause).max() ?? 0 }

    // MARK: - Time

    /// Reads what comes until something is so.
    ///
    /// - Throws: A sentence if it takes too long, or if a member ends that nobody has dismissed.
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
        for index in members.indices { try members[index].update() }
        if let ended = members.first(where: { $0.process.status != nil }) { throw PerfFailure(ended.obituary) }
    }

    /// Waits until all that run are in one view, with nobody else, and get results there.
    func settle() throws {
        try wait(for: "A view of \(members.count.spelled) members that are at work") { $0.isSettled }
    }

    private var isSettled: Bool {
        let views = Set(members.map { $0.view?.number })
        return views.count == 1 && members.allSatisfy { $0.view?.members == UInt64(members.count) && $0.isAtWork }
    }

    /// How each member stands, for people.
    private var whereabouts: String {
        members.map { member in
            let view = member.view.map { "view \($0.number) of \($0.members) members" } ?? "no view"
            let log = member.log.map { "\n        \($0)" }.joined()
            return "\n    \(member.name) (process \(member.process.id)): \(view)\(log)"
        }.joined()
    }

    // MARK: - The end

    /// Lets all callers end, and compares what they know with what the replicas have.
    func conclude() throws -> FleetVerdict {
        for member in members { member.process.signal(SIGUSR1) }
        try wait(for: "The account of the members") { fleet in fleet.members.allSatisfy(\.hasEnded) }
        return FleetVerdict(members.map(\.replica), acknowledged: (members + former).flatMap(\.acknowledged))
    }
}
