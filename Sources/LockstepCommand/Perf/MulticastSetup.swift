/// What is measured: the options of the parent, as it hands them on to the members.
struct MulticastSetup: Equatable {
    var members: Int
    var senders: Int
    var size: Int
    var seconds: Double
    var groups: Int
    var order: PerfOrder
    var ringBytes: Int
    var pollers = 1
    var fabric = PerfFabric.sharedMemory

    /// For a member's command line.
    var arguments: [String] {
        [
            "--senders", "\(senders)", "--size", "\(size)", "--seconds", "\(seconds)", "--groups", "\(groups)",
            "--order", order.rawValue, "--ring-bytes", "\(ringBytes)", "--pollers", "\(pollers)",
        ]
    }

    /// Messages that a sender posts at once: about a quarter of its ring, headers included.
    var batch: Int { max(1, ringBytes / 4 / (16 + (size + 15) & ~15)) }

    /// The size of the message by which a sender says that it has sent its last: no other message has it.
    var markSize: Int { size == 0 ? 8 : 0 }

    /// The memory that a member needs for its rings and groups.
    var regionBytes: Int {
        fabric.regionBytes(atLeast: 6 * ringBytes + groups * 2 * PerfLimits.idleRingBytes + 1 << 23)
    }
}
