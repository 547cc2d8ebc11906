/// What was found of writes between two members.
struct FabricReport {
    let setup: WriteSetup
    private let writer: WritesFigures

    /// Takes the messages of both members, and throws if one has not seen what the other has written.
    init(_ setup: WriteSetup, _ members: [[PerfMessage]]) throws {
        self.setup = setup
        let figures = members.compactMap { messages in
            if case .writes(let figures) = messages.last { figures } else { nil }
        }
        guard figures.count == WriteSetup.members, let writer = figures.first(where: { $0.rank == 0 }),
            let reader = figures.first(where: { $0.rank == 1 })
        else { throw PerfFailure("The members have not reported.") }
        guard writer.writes == reader.writes, writer.writes.messages > 0 else {
            throw PerfFailure(
                """
                One member has written \(writer.writes.messages.grouped) times with the sum \
                \(writer.writes.sum.hexadecimal), and the other has seen \(reader.writes.messages.grouped) writes with \
                the sum \(reader.writes.sum.hexadecimal): this fabric does not keep its promise. Please report it.
                """
            )
        }
        self.writer = writer
    }

    // MARK: - Figures

    /// Half of the time there and back, if both look all the time, and if both sleep.
    var looking: Percentiles { writer.looking }
    var sleeping: Percentiles { writer.sleeping }

    var bytesPerSecond: Double {
        Double(writer.writes.messages) * Double(setup.bulkSize) * 1e9 / Double(max(1, writer.nanoseconds))
    }

    /// In the best round.
    var peakBytesPerSecond: Double { Double(writer.peak) }

    /// What each large write has asked of the device that sends it, with the counters behind it; nil over other fabrics.
    private var requestsPerWrite: Double? {
        setup.fabric == .verbs ? Double(writer.device.requests) / Double(writer.writes.messages) : nil
    }

    private var doorbellsPerWrite: Double? {
        setup.fabric == .verbs ? Double(writer.device.doorbells) / Double(writer.writes.messages) : nil
    }

    // MARK: - Output

    /// One object, with everything that was measured.
    var json: JSONText {
        .object([
            "fabric": .text(setup.fabric.rawValue),
            "size": .integer(UInt64(setup.size)),
            "bulkSize": .integer(UInt64(setup.bulkSize)),
            "pollers": .integer(UInt64(setup.pollers)),
            "seconds": .number(setup.seconds, digits: 3),
            "latencyNanoseconds": MulticastReport.json(looking),
            "latencyWrites": .integer(looking.count),
            "sleepingLatencyNanoseconds": MulticastReport.json(sleeping),
            "sleepingLatencyWrites": .integer(sleeping.count),
            "bytesPerSecond": .number(bytesPerSecond, digits: 1),
            "peakBytesPerSecond": .number(peakBytesPerSecond, digits: 1),
            "writes": .integer(writer.writes.messages),
            "requestsPerWrite": requestsPerWrite.map { .number($0, digits: 4) } ?? .null,
            "doorbellsPerWrite": doorbellsPerWrite.map { .number($0, digits: 4) } ?? .null,
            "debugBuild": .flag(MulticastReport.isDebugBuild),
        ])
    }

    /// A table for people.
    var text: String {
        let heading =
            "Writes from one member to another: \(setup.size.grouped) bytes back and forth, and \(setup.slots.grouped) of "
            + "\(setup.bulkSize.grouped) bytes on their way\(setup.fabric.note)."
        return MulticastReport.table(
            heading,
            [
                ("latency", MulticastReport.row(looking)), ("latency, asleep", MulticastReport.row(sleeping)),
                ("bandwidth", "\(bytesPerSecond.asBytesPerSecond)   best \(peakBytesPerSecond.asBytesPerSecond)"),
            ] + deviceRows
        )
    }

    private var deviceRows: [(name: String, figures: String)] {
        guard let requests = requestsPerWrite, let doorbells = doorbellsPerWrite else { return [] }
        return [("RDMA", "\(requests.fixed(3)) requests, \(doorbells.fixed(3)) doorbells a large write")]
    }
}
