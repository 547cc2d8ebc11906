import ArgumentParser

/// What moves the bytes in a measurement.
enum PerfFabric: String, ExpressibleByArgument, CaseIterable {
    case sharedMemory = "shared-memory"
    /// Through this host's loopback network, without encryption.
    case tcp

    /// Where the members ask for the cluster, on a port that is free now.
    func seed() throws -> String? {
        switch self {
        case .sharedMemory: nil
        case .tcp: "127.0.0.1:\(try LoopbackSocket.listening().port())"
        }
    }
}
