import ArgumentParser

/// How a member makes its calls.
enum CallMode: String, ExpressibleByArgument, CaseIterable {
    /// Many are on their way at once.
    case pipelined
    /// Each waits for the result of the one before.
    case awaited
}

/// What is measured: the options of the parent, as it hands them on to the members.
struct CallsSetup: Equatable {
    var members: Int
    var callers: Int
    var mode: CallMode
    var caller: CallerPlace
    var seconds: Double
    var pollers = 1
    var fabric = PerfFabric.sharedMemory

    /// For a member's command line.
    var arguments: [String] {
        [
            "--callers", "\(callers)", "--mode", mode.rawValue, "--caller", caller.rawValue, "--seconds", "\(seconds)",
            "--pollers", "\(pollers)",
        ]
    }

    /// Calls that a pipelined caller has on their way.
    static let inFlight = 2048

    /// Calls that one member has on its way.
    var callsAtOnce: Int { mode == .pipelined ? Self.inFlight : 1 }

    /// The raw messages that calls are compared with, of as many senders.
    var raw: MulticastSetup {
        MulticastSetup(
            members: members, senders: callers, size: 100, seconds: seconds, groups: 1, order: .total,
            ringBytes: 1 << 20, pollers: pollers, fabric: fabric
        )
    }
}
