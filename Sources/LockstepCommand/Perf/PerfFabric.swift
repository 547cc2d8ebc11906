import ArgumentParser
import Lockstep
import LockstepFabric

/// What moves the bytes in a measurement.
enum PerfFabric: String, ExpressibleByArgument, CaseIterable {
    case sharedMemory = "shared-memory"
    /// Through this host's loopback network, without encryption.
    case tcp
    /// By the RDMA devices of this host: the members take turns with them.
    case verbs

    static let help = ArgumentHelp(
        "What moves the bytes: shared-memory; tcp, without encryption through the loopback network; or verbs, by RDMA devices."
    )

    /// Where the members ask for the cluster, on a port that is free now.
    func seed() throws -> String? {
        switch self {
        case .sharedMemory: nil
        case .tcp, .verbs: "127.0.0.1:\(try LoopbackSocket.listening().port())"
        }
    }

    /// What a member is told.
    func choice(forMember number: Int) -> FabricChoice {
        switch self {
        case .sharedMemory: return .sharedMemory
        case .tcp: return .tcp(.plaintext)
        case .verbs:
            let devices = RDMAPort.all().compactMap { try? RDMAChoice($0).port.device }
            return .verbs(device: devices.isEmpty ? nil : devices[number % devices.count], .plaintext)
        }
    }

    /// For the heading of a report.
    var note: String {
        switch self {
        case .sharedMemory: ""
        case .tcp: ", over TCP"
        case .verbs: ", over RDMA"
        }
    }

    /// How much memory members share. What a device moves is locked, for a member itself and for each of its peers.
    func regionBytes(atLeast bytes: Int) -> Int { self == .verbs ? bytes : max(1 << 30, bytes) }
}
