import ArgumentParser
import LockstepFabric

/// Whether two processes of this host can speak with each other, over each fabric that it has.
extension Finding {
    /// Takes about a second for each fabric.
    ///
    /// - Throws: The exit code if it is interrupted.
    static func ofFabrics() throws -> [Finding] {
        try PerfFabric.allCases.filter(\.isHere).map { fabric in
            do {
                return Finding.fabric(fabric, latency: try converse(over: fabric))
            } catch let exit as ExitCode {
                throw exit
            } catch {
                return Finding.fabric(fabric, failure: "\(error)")
            }
        }
    }

    /// Whether connections between hosts can be protected.
    static func ofTLS() -> [Finding] {
        #if TLS
            []
        #else
            [
                .warning(
                    "This build has no TLS: nodes of several hosts have to ask for `.plaintext` by name.",
                    mend: "Build it with the TLS trait."
                )
            ]
        #endif
    }

    /// Lets both send some messages, of which every byte is checked. The times of awaited ones, in nanoseconds.
    private static func converse(over fabric: PerfFabric) throws -> Percentiles {
        let setup = MulticastSetup(
            members: 2, senders: 2, size: 100, seconds: 0.05, groups: 1, order: .total, ringBytes: 1 << 16,
            fabric: fabric)
        let messages = try PerfCluster.measure(
            setup.members, command: MulticastMember.name,
            // A slow host is one thing, and a fabric that does not work another.
            arguments: setup.arguments + ["--failure-timeout", "10000"],
            plan: MulticastPlan(seconds: setup.seconds), silentRoundsMax: 2, fabric: fabric)
        return try MulticastReport(setup, messages).latency
    }

    /// Longer than this an awaited message takes only where processes wait for a core.
    private static let slowNanoseconds: UInt64 = 5_000_000

    static func fabric(_ fabric: PerfFabric, latency: Percentiles) -> Finding {
        let fact =
            "Two processes have exchanged messages over \(fabric.name), each within \(latency.p50.asNanoseconds)."
        return latency.p50 < slowNanoseconds
            ? .good(fact)
            : .warning(fact, mend: "That is long: end what else keeps this host busy, or give it more cores.")
    }

    static func fabric(_ fabric: PerfFabric, failure: String) -> Finding {
        .bad("Two processes cannot speak with each other over \(fabric.name).", mend: failure)
    }
}

extension PerfFabric {
    /// True if this program and this host have it.
    fileprivate var isHere: Bool {
        switch self {
        case .sharedMemory, .tcp: return true
        case .tls:
            #if TLS
                return true
            #else
                return false
            #endif
        case .verbs: return RDMAPort.all().contains { (try? RDMAChoice($0)) != nil }
        }
    }

    fileprivate var name: String {
        switch self {
        case .sharedMemory: "shared memory"
        case .tcp: "TCP, through the loopback network"
        case .tls: "TCP with TLS"
        case .verbs: "RDMA"
        }
    }
}
