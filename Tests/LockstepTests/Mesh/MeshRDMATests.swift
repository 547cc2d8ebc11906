import Foundation
import LockstepFabric
import Synchronization
import Testing

@testable import Lockstep

/// How two nodes agree on what moves their bytes, with a device that cannot be opened. `VerbsClusterTests` have devices that can.
@Suite("Mesh: RDMA or TCP", .timeLimit(.minutes(1)))
struct MeshRDMATests {
    private let log = LogLines()

    @Test func whereTheDeviceFailsTheyUseTCPAndSayWhy() async throws {
        let pair = try await members { .preferred($0) }
        pair[0].mesh.connect(to: pair[1].mesh.own)
        for member in pair {
            let reason = try await member.connection()
            #expect(reason.contains("RDMA device nobody cannot be opened") || reason.contains("trait Verbs"))
        }
        #expect(log.lines.count { $0.contains("RDMA is not used") } == 2)
    }

    @Test func whereNothingLeadsToTheOtherTheyUseTCP() async throws {
        let pair = try await members(["00000000000000000000ffff0a4d0001", "fd770000000000000000000000000002"]) {
            .preferred($0)
        }
        pair[1].mesh.connect(to: pair[0].mesh.own)
        for member in pair { #expect(try await member.connection().contains("RoCE over IPv6")) }
    }

    /// As those do who hear no majority while they connect anew.
    @Test func messagesBeforeTheyAreConnectedDisturbNobody() async throws {
        let pair = try await members { .preferred($0) }
        let talk = Task {
            while !Task.isCancelled {
                for (one, other) in [(pair[0], pair[1]), (pair[1], pair[0])] {
                    one.mesh.send(1, [], to: other.mesh.own.id)
                }
                await Task.yield()
            }
        }
        defer { talk.cancel() }
        pair[0].mesh.connect(to: pair[1].mesh.own)
        for member in pair { _ = try await member.connection() }
    }

    @Test func whoUsesRDMAByNameDoesNotUseTCP() async throws {
        for caller in 0...1 {
            let pair = try await members { $1 == "a" ? .required($0) : .preferred($0) }
            pair[caller].mesh.connect(to: pair[1 - caller].mesh.own)
            for member in pair { #expect(try await member.failure().contains("device nobody cannot be opened")) }
        }
        for caller in 0...1 {
            let pair = try await members { $1 == "a" ? .required($0) : .byName }
            pair[caller].mesh.connect(to: pair[1 - caller].mesh.own)
            #expect(try await pair[0].failure().contains("`.verbs` is asked for by name"))
        }
    }

    /// Nodes a and b as if they were on two hosts, with these addresses of their devices.
    private func members(
        _ gids: [String] = Array(repeating: "00000000000000000000ffff0a4d0001", count: 2),
        _ use: (_ device: RDMADevice, _ node: String) -> RDMAUse
    ) async throws -> [Member] {
        let cluster = freshCluster()
        var members: [Member] = []
        for (name, gid) in zip(["a", "b"], gids) {
            let region = SharedMemoryRegion.fresh()
            let device = RDMADevice(try choice(gid), own: region, settings: VerbsSettings())
            members.append(try await Member(name, in: cluster, region, use(device, name), log))
        }
        return members
    }

    private func members(_ use: (RDMADevice) -> RDMAUse) async throws -> [Member] {
        try await members { device, _ in use(device) }
    }

    private func members(_ gids: [String], _ use: (RDMADevice) -> RDMAUse) async throws -> [Member] {
        try await members(gids) { device, _ in use(device) }
    }

    /// As the kernel would show the device "nobody".
    private func choice(_ gid: String) throws -> RDMAChoice {
        let root = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: root) }
        let groups = stride(from: 0, to: 32, by: 4).map { String(gid.dropFirst($0).prefix(4)) }
        let texts = [
            "node_type": "1: CA", "ports/1/state": "4: ACTIVE", "ports/1/link_layer": "Ethernet",
            "ports/1/gids/0": groups.joined(separator: ":"), "ports/1/gid_attrs/types/0": "RoCE v2",
        ]
        for (path, text) in texts {
            let file = root.appending(path: "nobody/\(path)")
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("\(text)\n".utf8).write(to: file)
        }
        return try RDMAChoice(among: RDMAPort.all(in: root.path))
    }

    /// A mesh, and what has become of its connection.
    private final class Member: Sendable {
        let mesh: Mesh
        private let outcome: Outcome

        private final class Outcome: Sendable {
            let text = Mutex<(isConnected: Bool, String)?>(nil)
        }

        init(
            _ name: String, in cluster: String, _ region: SharedMemoryRegion, _ rdma: RDMAUse, _ log: LogLines
        ) async throws {
            let own = NodeIdentity(cluster: cluster, name: name)
            let endpoint = try await StreamEndpoint.open(
                at: NodeAddress("127.0.0.1", port: 0), StreamSecurity(.plaintext, of: own, logger: log.logger),
                logger: log.logger)
            var traits = NodeTraits()
            traits.rdma = rdma.device?.reach
            let node = MeshNode(
                name: name, incarnation: .random(in: 1 ... .max), process: getpid(), regionSize: region.region.size,
                traits: traits, address: endpoint.address)
            let outcome = Outcome()
            self.outcome = outcome
            mesh = try Mesh(
                MeshPlan(
                    cluster: cluster, key: .test, own: node, region: try Descriptor(copying: region.descriptor),
                    handler: { event in
                        let text: (Bool, String)? =
                            switch event {
                            case .connected(_, is TCPMemory, let reason): (true, reason)
                            case .failed(_, .refused(let sentence)): (false, sentence)
                            case .failed(_, .unmappable(let error)): (false, "\(error)")
                            default: nil
                            }
                        if let text { outcome.text.withLock { $0 = text } }
                    },
                    logger: log.logger,
                    network: MeshNetwork(endpoint: endpoint, region: region, sharesMemory: false, rdma: rdma)))
        }

        deinit { mesh.close() }

        /// Why TCP connects it.
        func connection() async throws -> String { try await text(connected: true) }

        /// Why nothing does.
        func failure() async throws -> String { try await text(connected: false) }

        private func text(connected isConnected: Bool) async throws -> String {
            while true {
                if let (isReallyConnected, text) = outcome.text.withLock(\.self) {
                    #expect(isReallyConnected == isConnected)
                    return text
                }
                try await Task.sleep(for: .milliseconds(1))
            }
        }
    }
}
