import LockstepFabric
import Testing

@testable import Lockstep

/// A mesh, and what it tells.
struct MeshMember {
    let mesh: Mesh
    let journal = RendezvousJournal()

    init(
        _ name: String, in cluster: String, incarnation: UInt64 = .random(in: 1 ... .max),
        silenceNanoseconds: Int64 = ControlLimit.silenceNanoseconds
    ) throws {
        let region = SharedMemoryRegion.fresh()
        let own = MeshNode(
            name: name, incarnation: incarnation, process: 0, regionSize: SharedMemoryRegion.testSize)
        var plan = MeshPlan(
            cluster: cluster, own: own, region: try Descriptor(copying: region.descriptor),
            handler: { [journal] in journal.note($0) })
        plan.silenceNanoseconds = silenceNanoseconds
        mesh = try Mesh(plan)
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

/// Somebody who says to a mesh whatever the test wants.
struct RawMeshPeer {
    let socket: RawPeer
    let id = UInt64.random(in: 1 ... .max)
    private let region = SharedMemoryRegion.fresh()

    init(to member: MeshMember, in cluster: String) async throws {
        socket = try await RawPeer(at: LocalSocket.address(of: cluster, node: member.mesh.own.id))
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
