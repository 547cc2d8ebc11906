import LockstepTesting

/// What the parent knows of one member of its fleet.
struct FleetMember {
    let name: String
    let process: ChildProcess
    /// How it may end, which it does not by itself.
    var allowedEnds: Set<ProcessStatus> = []
    /// Nil until its callers begin.
    private(set) var reading: FleetReading?
    /// The last view that it has told.
    private(set) var view: FleetView?
    /// What its replica has, as it says at the end.
    private(set) var replica: FleetVerdict.Replica
    private(set) var hasEnded = false
    /// What its clients did with what all share.
    private(set) var history = FleetHistory.Member()
    /// The last lines that are no messages.
    private(set) var log: [String] = []
    /// The longest pause of its callers since they are watched, in nanoseconds.
    private(set) var longestPause: UInt64 = 0
    private var watchedSince: Int64 = .max
    /// How many results its callers had when it told its view.
    private var resultsBefore: UInt64 = 0
    private let callers: Int

    private static let logMax = 16
    /// With so many results in a view, what it has begun with is over.
    private static let resultsAtWork: UInt64 = 200

    init(name: String, process: ChildProcess, callers: Int) {
        (self.name, self.process, self.callers) = (name, process, callers)
        replica = FleetVerdict.Replica(name: name)
    }

    /// Reads what has come.
    mutating func update() {
        for line in process.newLines() { read(line) }
        longestPause = max(longestPause, reading?.longestPause(endingAfter: watchedSince) ?? 0)
    }

    /// Begins to look for the longest pause of those that end after a time.
    mutating func watchPauses(endingAfter time: Int64) { (watchedSince, longestPause) = (time, 0) }

    private mutating func read(_ line: String) {
        switch FleetMessage(line) {
        case .begins(let descriptor): open(Int32(clamping: descriptor))
        case .view(let view): (self.view, resultsBefore) = (view, results)
        case .caller(let caller, let sequence): replica.sequences[caller] = sequence
        case .call(let number, let call, let time): history.note(call, as: number, at: time)
        case .answer(let number, let answer, let time): history.note(answer, to: number, at: time)
        case .end(let end): (replica.end, hasEnded) = (end, true)
        case nil: note(line)
        }
    }

    /// Of a member that has ended since it said so, there is nothing to be read.
    private mutating func open(_ descriptor: Int32) {
        do {
            reading = try FleetReading(of: process.id, descriptor: descriptor)
        } catch {
            note("\(error)")
        }
    }

    private mutating func note(_ line: String) { log = (log + [line]).suffix(Self.logMax) }

    // MARK: - How far it is

    /// The last update of each of its callers whose result they have.
    var acknowledged: [(caller: UInt64, sequence: UInt64)] {
        guard let reading else { return [] }
        return reading.acknowledged(callers: callers).enumerated().map { caller, sequence in
            (FleetLoad.id(of: caller, in: process.id), sequence)
        }
    }

    private var results: UInt64 { acknowledged.reduce(0) { $0 + $1.sequence } }

    /// True if its callers get results in the view that it has told last.
    var isAtWork: Bool { view != nil && results > resultsBefore + Self.resultsAtWork }

    /// How it stands or has ended, with what it said last, for people.
    var whereabouts: String {
        let view = view.map { "view \($0.number) of \($0.members) members" } ?? "no view"
        let state = process.status.map { "\($0)" } ?? "runs"
        let log = log.map { "\n        \($0)" }.joined()
        return "\n    \(name) (process \(process.id)) \(state), \(view)\(log)"
    }
}
