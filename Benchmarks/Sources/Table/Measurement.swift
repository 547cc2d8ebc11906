/// What `lockstep perf multicast --json` prints, as far as the table needs it.
struct Measurement: Decodable {
    struct Latency: Decodable {
        let p50: Double
        let p99: Double
    }

    let messagesPerSecond: Double
    let bytesPerSecond: Double
    let cpuNanosecondsPerMessage: Double
    /// What the memory behind the ring allows: filling and reading the same bytes without any protocol.
    let ringLimitMessagesPerSecond: Double?
    /// How long the kernel takes to wake a sleeping process on this machine: no latency of sleepers is below it.
    let wakeLimitNanoseconds: Double?
    let latencyNanoseconds: Latency?
}

/// What `mpi/broadcast.c` prints.
struct Broadcast: Decodable {
    let messagesPerSecond: Double
    let bytesPerSecond: Double
}

/// What became of a run.
enum Outcome<Value> {
    case done(Value)
    case failed(String)
    /// Nothing to run: the program is not installed, or the case is not for it.
    case absent(String)

    var value: Value? { if case .done(let value) = self { value } else { nil } }

    var failure: String? { if case .failed(let why) = self { why } else { nil } }
}

/// A case with its results.
struct Row {
    let place: Case
    let lockstep: Outcome<Measurement>
    let mpi: Outcome<Broadcast>

    var hasFailed: Bool { lockstep.failure != nil || mpi.failure != nil }
}
