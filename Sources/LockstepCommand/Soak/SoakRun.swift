import Glibc
import LockstepTesting

/// One cluster of a soak: waves of events, one after the other, and then the account.
final class SoakRun {
    private(set) var counts = SoakCounts()
    /// What has happened, the last of it.
    private(set) var story: [String] = []
    private let fleet: Fleet
    private let members: Int
    private var random: SeededRandom
    private static let storyMax = 24

    init(seed: UInt64, members: Int, pollers: Int, sharesMore: Bool) throws {
        self.members = members
        random = SeededRandom(seed: seed)
        // A host that is busy enough may make members look dead that are not.
        fleet = try Fleet(
            Fleet.Setup(
                members: members, pollers: pollers, tolerated: [FleetWorker.excluded], sharesMore: sharesMore))
    }

    /// Lets events happen for a time, and then compares the replicas with what the callers know.
    func run(until end: ContinuousClock.Instant, _ onNews: (SoakCounts) -> Void) throws -> FleetVerdict {
        try fleet.settle()
        repeat {
            try play(SoakWave(members: fleet.members.count, wanted: members, using: &random))
            try fleet.waitForEnds()
            try fleet.settle()
            counts.falseSuspicions = fleet.unexpectedEnds
            onNews(counts)
        } while .now < end
        return try fleet.conclude()
    }

    private func play(_ wave: SoakWave) throws {
        let (names, start) = (fleet.namesByRank, ContinuousClock.now)
        var stopped: [Int: ChildProcess] = [:]
        tell("With \(names.joined(separator: ", ")):")
        for step in wave.steps {
            try fleet.wait(until: start + .milliseconds(step.start))
            tell("    after \(step.start) ms \(step.event.sentence(names))")
            // Whoever was left out meanwhile has ended by itself.
            if let name = step.event.victim.map({ names[$0] }), !fleet.isRunning(name) { continue }
            switch step.event {
            case .kill(let rank): fleet.dismiss(names[rank], allowing: [.signal(SIGKILL)]).kill()
            // Others may think it dead before it has left.
            case .leave(let rank): fleet.dismiss(names[rank], allowing: [.code(0), FleetWorker.excluded]).terminate()
            case .join: try fleet.start()
            case .stop(let rank):
                stopped[rank] = fleet.doubt(names[rank], allowing: FleetWorker.excluded)
                stopped[rank]?.stop()
            case .resume(let rank): stopped[rank]?.resume()
            }
            counts.note(step.event)
        }
    }

    private func tell(_ line: String) { story = (story + [line]).suffix(Self.storyMax) }
}

/// How much has happened in a soak.
struct SoakCounts: Equatable {
    var kills: UInt64 = 0
    var stops: UInt64 = 0
    var leaves: UInt64 = 0
    var joins: UInt64 = 0
    /// Members that were left out though nothing was done to them.
    var falseSuspicions: UInt64 = 0

    mutating func note(_ event: SoakWave.Event) {
        switch event {
        case .kill: kills += 1
        case .stop: stops += 1
        case .leave: leaves += 1
        case .join: joins += 1
        case .resume: break
        }
    }

    static func + (one: SoakCounts, other: SoakCounts) -> SoakCounts {
        SoakCounts(
            kills: one.kills + other.kills, stops: one.stops + other.stops, leaves: one.leaves + other.leaves,
            joins: one.joins + other.joins, falseSuspicions: one.falseSuspicions + other.falseSuspicions
        )
    }

    /// For people, as the middle of a sentence.
    var text: String {
        "\(kills.grouped) kills, \(stops.grouped) stops, \(leaves.grouped) leaves and \(joins.grouped) joins"
    }
}

extension SoakWave.Event {
    /// The rank of the member that may be missing from now on.
    var victim: Int? {
        switch self {
        case .kill(let rank), .stop(let rank), .leave(let rank): rank
        case .resume, .join: nil
        }
    }

    fileprivate func sentence(_ names: [String]) -> String {
        switch self {
        case .kill(let rank): "\(names[rank]) is killed"
        case .stop(let rank): "\(names[rank]) is stopped"
        case .resume(let rank): "\(names[rank]) goes on"
        case .leave(let rank): "\(names[rank]) leaves"
        case .join: "one more joins"
        }
    }
}
