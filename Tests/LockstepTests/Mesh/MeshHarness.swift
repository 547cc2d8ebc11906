import Crypto
import Glibc
import LockstepFabric
import Testing

@testable import Lockstep

/// A mesh, and what it tells.
struct MeshMember {
    let mesh: Mesh
    let journal = RendezvousJournal()

    init(
        _ name: String, in cluster: String, incarnation: UInt64 = .random(in: 1 ... .max),
        silenceNanoseconds: Int64 = unhurried, key: SymmetricKey = .test,
        log: LogLines = LogLines()
    ) throws {
        mesh = try Mesh(
            cluster: cluster, name: name, incarnation: incarnation, region: .fresh(),
            silenceNanoseconds: silenceNanoseconds, key: key, log: log, handler: { [journal] in journal.note($0) })
    }

    func send(_ text: String, kind: UInt16 = 1, to other: MeshMember) {
        mesh.send(kind, Array(text.utf8), to: other.mesh.own.id)
    }

    /// Waits until both know the other.
    func connect(to other: MeshMember) async throws {
        mesh.connect(to: other.mesh.own)
        try await journal.until { $0.connected.contains(other.mesh.own.name) }
        try await other.journal.until { $0.connected.contains(mesh.own.name) }
    }
}

extension Mesh {
    convenience init(
        cluster: String, name: String, incarnation: UInt64, region: SharedMemoryRegion,
        silenceNanoseconds: Int64 = unhurried, key: SymmetricKey = .test,
        log: LogLines = LogLines(), handler: @escaping Handler
    ) throws {
        let own = MeshNode(name: name, incarnation: incarnation, process: getpid(), regionSize: region.region.size)
        var plan = MeshPlan(
            cluster: cluster, key: key, own: own, region: try Descriptor(copying: region.descriptor), handler: handler,
            logger: log.logger)
        plan.silenceNanoseconds = silenceNanoseconds
        try self.init(plan)
    }
}

/// Somebody who says to a mesh whatever the test wants.
struct RawMeshPeer {
    let socket: RawPeer
    let id = UInt64.random(in: 1 ... .max)
    private let region = SharedMemoryRegion.fresh()

    /// Connects, and proves that it knows the key unless the test is about that.
    init(to member: MeshMember, in cluster: String, isProven: Bool = true) async throws {
        let address = LocalSocket.address(of: cluster, node: member.mesh.own.id)
        socket = try await RawPeer(at: address)
        if isProven { try await socket.prove(at: address) }
    }

    func hello(in cluster: String, id: UInt64? = nil) -> [UInt8] {
        let node = MeshNode(
            name: "raw", incarnation: id ?? self.id, process: 1, regionSize: SharedMemoryRegion.testSize)
        return MeshMessage.hello(cluster: cluster, node).encoded()
    }

    func say(_ bytes: [UInt8], descriptors: Int = 0) {
        let numbers = Array(repeating: region.descriptor, count: descriptors)
        _ = socket.socket.send(bytes, numbers: numbers)
    }

    func next() async throws -> MeshMessage? {
        try await socket.nextBytes().map { try MeshMessage(decoding: $0) }
    }
}
