import ArgumentParser
import CLockstep
import Lockstep

/// One member of a measurement, started by `lockstep perf transfer`: the first has a state, and the second comes to it
/// again and again.
struct TransferMember: AsyncParsableCommand {
    static let name = "transfer-member"
    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Be a member of a measurement. Started by 'lockstep perf transfer'.",
        shouldDisplay: false
    )

    @OptionGroup var member: MemberOptions
    @Option var state: Int
    @Option var shape: TransferShape
    @Option var trials: Int

    private static let group = GroupID("payload")
    /// The state is made in so many updates.
    private static let steps = 64

    func run() async throws {
        if member.name == "m0" { try await give() } else { try await take() }
    }

    private func give() async throws {
        let node = try await member.join(regionBytes: 1 << 30, expecting: 1)
        let payload = try await node.host(Self.group, options: options) { TransferPayload(actorSystem: $0) }
        for step in 0..<Self.steps {
            let count = shape.count(of: state)
            let part = count * (step + 1) / Self.steps - count * step / Self.steps
            switch shape {
            case .bytes: try await payload.addBytes(part)
            case .map: try await payload.addEntries(part)
            }
        }
        // Whose address tells that the state is there: to ask for the status would be work.
        var ready = member
        ready.cluster = readyCluster
        let sign = try await ready.join(regionBytes: 1 << 30, expecting: 1)
        try await member.stay(saying: .transfer(TransferFigures()))
        await sign.leave()
    }

    private func take() async throws {
        while !StatusAddress.all().contains(where: { $0.cluster == readyCluster }) {
            try await Task.sleep(for: .milliseconds(10))
        }
        for trial in 1...trials {
            let node = try await member.join(regionBytes: 1 << 30, expecting: 1)
            let memory = timeToFillMemory()
            let start = lockstep_monotonic_ns()
            let payload = try await node.host(Self.group, options: options) { TransferPayload(actorSystem: $0) }
            try await payload.group.wait(forMembers: 2)
            let end = lockstep_monotonic_ns()
            await node.leave()
            let figures = TransferFigures(
                nanoseconds: UInt64(end - start), memoryNanoseconds: memory, left: UInt64(trials - trial)
            )
            Terminal.writeLine(PerfMessage.transfer(figures).line)
        }
        try await Task.sleep(for: .seconds(PerfLimits.secondsMax))
    }

    /// What no transfer can be faster than: memory that was not in use is filled with copies of a little that was.
    private func timeToFillMemory() -> UInt64 {
        let source = [UInt8](repeating: 0x5A, count: 1 << 20)
        let start = lockstep_monotonic_ns()
        var filled: [UInt8] = []
        filled.reserveCapacity(state)
        filled.withUnsafeMutableBytes {
            LargeMemory.prepare(UnsafeMutableRawBufferPointer(start: $0.baseAddress, count: state))
        }
        while filled.count < state { filled.append(contentsOf: source.prefix(state - filled.count)) }
        return UInt64(lockstep_monotonic_ns() - start)
    }

    private var readyCluster: String { member.cluster + "-ready" }

    /// To hash the state in between would be a pause of its own.
    private var options: GroupOptions {
        var options = GroupOptions()
        options.auditInterval = 0
        return options
    }
}

/// What the state is.
enum TransferShape: String, ExpressibleByArgument, CaseIterable {
    case bytes
    case map

    /// How many elements make a state of so many bytes.
    func count(of bytes: Int) -> Int {
        switch self {
        case .bytes: bytes
        case .map: bytes / 16
        }
    }
}
