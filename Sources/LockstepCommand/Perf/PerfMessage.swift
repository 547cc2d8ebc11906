import Lockstep

/// What a member tells the parent of a measurement.
enum PerfMessage: MemberMessage {
    case round(RoundFigures)
    case limits(LimitFigures)
    case idle(IdleFigures)
    case transfer(TransferFigures)
    case coordination(CoordinationFigures)
    case writes(WritesFigures)

    static let mark = "#lockstep-perf"

    init?(_ kind: Substring, _ fields: inout MessageFields) {
        switch kind {
        case "round": self = .round(RoundFigures(&fields))
        case "limits": self = .limits(LimitFigures(&fields))
        case "idle": self = .idle(IdleFigures(&fields))
        case "transfer": self = .transfer(TransferFigures(&fields))
        case "coordination": self = .coordination(CoordinationFigures(&fields))
        case "writes": self = .writes(WritesFigures(&fields))
        default: return nil
        }
    }

    var content: (kind: String, fields: [(String, UInt64)]) {
        switch self {
        case .round(let figures): ("round", figures.fields)
        case .limits(let figures): ("limits", figures.fields)
        case .idle(let figures): ("idle", figures.fields)
        case .transfer(let figures): ("transfer", figures.fields)
        case .coordination(let figures): ("coordination", figures.fields)
        case .writes(let figures): ("writes", figures.fields)
        }
    }

    /// True if the member will say more.
    var isRound: Bool {
        switch self {
        case .round: true
        case .transfer(let figures): figures.left > 0
        case .limits, .idle, .coordination, .writes: false
        }
    }
}

/// What one member did and saw in one round.
struct RoundFigures: Equatable {
    /// 0 for the one that warms up.
    var round: UInt64 = 0
    /// Messages of the multicast.
    var sent = Tally()
    var received = Tally()
    var nanoseconds: UInt64 = 0
    var processorNanoseconds: UInt64 = 0
    /// Messages in the bare ring: what its writer wrote, or a reader read.
    var ring = Tally()
    /// Of the writer, until all had read; 0 elsewhere.
    var ringNanoseconds: UInt64 = 0
    /// The hash of the replica's state after the round; 0 where there is none.
    var state: UInt64 = 0
    /// What the messages of the multicast have asked of the RDMA device.
    var writes = WriteFigures()
}

/// What a member has asked of its RDMA device for something; nothing over other fabrics.
struct WriteFigures: Equatable {
    var requests: UInt64 = 0
    var doorbells: UInt64 = 0
    var completions: UInt64 = 0

    static func + (first: WriteFigures, second: WriteFigures) -> WriteFigures {
        WriteFigures(
            requests: first.requests + second.requests, doorbells: first.doorbells + second.doorbells,
            completions: first.completions + second.completions)
    }

    static func - (first: WriteFigures, second: WriteFigures) -> WriteFigures {
        WriteFigures(
            requests: first.requests - second.requests, doorbells: first.doorbells - second.doorbells,
            completions: first.completions - second.completions)
    }
}

extension WriteFigures {
    /// What a node has asked for since it joined.
    init(of node: Node) {
        guard let counts = node.membership.rdmaCounts else { return }
        requests = UInt64(counts.requests)
        doorbells = UInt64(counts.doorbells)
        completions = UInt64(counts.completions)
    }
}

/// Messages, and the sum of their bytes.
struct Tally: Equatable {
    var messages: UInt64 = 0
    var sum: UInt64 = 0

    mutating func add(_ other: Tally) {
        messages += other.messages
        sum &+= other.sum
    }
}

/// What the first member saw of the wake limit and of the latency, which is nothing at the others, and what that cost each.
struct LimitFigures: Equatable {
    var rank: UInt64 = 0
    var wake = Percentiles()
    var latency = Percentiles()
    /// How often the view changed, which it does not do as long as nobody suspects anybody.
    var viewChanges: UInt64 = 0
    /// What the awaited messages have asked of this member's RDMA device.
    var writes = WriteFigures()
}

/// The times of something, in nanoseconds.
struct Percentiles: Equatable {
    var count: UInt64 = 0
    var p50: UInt64 = 0
    var p99: UInt64 = 0
    var p999: UInt64 = 0
    var max: UInt64 = 0
}

extension Percentiles {
    init(_ histogram: LatencyHistogram) {
        count = histogram.count
        (p50, p99, p999) = (histogram.percentile(0.5), histogram.percentile(0.99), histogram.percentile(0.999))
        max = histogram.max
    }
}

/// What a member that had nothing to do has used.
struct IdleFigures: Equatable {
    var nanoseconds: UInt64 = 0
    var processorNanoseconds: UInt64 = 0
    var residentBytes: UInt64 = 0
    /// The part of it that is not mapped from files.
    var ownBytes: UInt64 = 0
}

/// How long a newcomer waited for its state.
struct TransferFigures: Equatable {
    var nanoseconds: UInt64 = 0
    /// How long it took, right before, to fill as much memory that was not in use.
    var memoryNanoseconds: UInt64 = 0
    /// How many trials will follow.
    var left: UInt64 = 0
}
