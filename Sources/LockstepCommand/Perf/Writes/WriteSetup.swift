/// What is measured of one-sided writes between two members: the options of the parent, as it hands them on.
struct WriteSetup: Equatable {
    /// The bytes of a write that goes back and forth, and of one of those that follow each other.
    var size: Int
    var bulkSize: Int
    var seconds: Double
    var pollers = 1
    var fabric = PerfFabric.sharedMemory

    /// Who writes, and who is written to.
    static let members = 2
    static let (sizeMax, bulkSizeMax) = (4096, 4 << 20)
    private static let (ringBytesMax, slotsMax) = (8 << 20, 128)
    /// Longer parts would say nothing new, and the poller may not be at one thing for too long.
    private static let partMax = 1.0

    /// For a member's command line.
    var arguments: [String] {
        [
            "--size", "\(size)", "--bulk-size", "\(bulkSize)", "--seconds", "\(seconds)", "--pollers", "\(pollers)",
        ]
    }

    /// Writes that may be on their way, each to a place of its own.
    var slots: Int { max(2, min(Self.slotsMax, Self.ringBytesMax / bulkSize)) }

    var ringBytes: Int { slots * bulkSize }

    /// Writes that one counter vouches for.
    var batch: Int { max(1, slots / 8) }

    var regionBytes: Int { fabric.regionBytes(atLeast: ringBytes + 1 << 21) }

    /// Rounds that count; one before them warms up.
    var rounds: Int { max(MulticastPlan.rounds, Int((seconds / Self.partMax).rounded(.up))) }

    /// How long each part of a round takes, of which there are three.
    var partNanoseconds: Int64 { max(5_000_000, Int64(seconds / Double(rounds) * 1e9)) }
}
