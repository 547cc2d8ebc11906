import ArgumentParser
import Lockstep
import LockstepFabric

/// What moves the bytes in a measurement.
enum PerfFabric: String, ExpressibleByArgument, CaseIterable {
    case sharedMemory = "shared-memory"
    /// On one host through its loopback network, without encryption.
    case tcp
    /// The same with TLS.
    case tls
    /// By the RDMA devices of this host: the members take turns with them.
    case verbs

    static let help = ArgumentHelp(
        """
        What moves the bytes: shared-memory; tcp, without encryption; tls, the same with it; or verbs, by RDMA devices. \
        Without it, shared-memory on one host, and tls between hosts.
        """
    )

    /// Where the members ask for the cluster, on a port that is free now.
    func seed() throws -> String? {
        switch self {
        case .sharedMemory: nil
        case .tcp, .tls, .verbs: "127.0.0.1:\(try PlainSocket.listening().port())"
        }
    }

    /// True if a plain connection is the limit.
    var isStream: Bool { self == .tcp || self == .tls }

    /// What a member on the same host as the others is told, who has its certificate in a folder if it needs one.
    func choice(forMember number: Int, credentials: String?) -> FabricChoice {
        let devices = self == .verbs ? RDMAPort.all().compactMap { try? RDMAChoice($0).port.device } : []
        return choice(
            device: devices.isEmpty ? nil : devices[number % devices.count],
            self == .tls ? .tls(.folder(credentials ?? "")) : .plaintext)
    }

    /// What a member is told.
    func choice(device: String?, _ security: FabricChoice.Security) -> FabricChoice {
        switch self {
        case .sharedMemory: .sharedMemory
        case .tcp, .tls: .tcp(security)
        case .verbs: .verbs(device: device, security)
        }
    }

    /// For the heading of a report.
    var note: String {
        switch self {
        case .sharedMemory: ""
        case .tcp: ", over TCP"
        case .tls: ", over TCP with TLS"
        case .verbs: ", over RDMA"
        }
    }

    /// How much memory members share. What a device moves is locked, for a member itself and for each of its peers.
    func regionBytes(atLeast bytes: Int) -> Int { self == .verbs ? bytes : max(1 << 30, bytes) }
}
