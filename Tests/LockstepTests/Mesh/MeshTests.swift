import LockstepFabric
import Synchronization
import Testing

@testable import Lockstep

@Suite("Mesh", .timeLimit(.minutes(2)))
struct MeshTests {
    private func members(_ names: [String]) throws -> [MeshMember] {
        let cluster = freshCluster()
        return try names.map { try MeshMember($0, in: cluster) }
    }

    @Test func messagesComeInOrderInBothDirections() async throws {
        let pair = try members(["a", "b"])
        try await pair[0].connect(to: pair[1])
        let texts = (0..<500).map { "\($0)" }
        for text in texts {
            pair[0].send(text, to: pair[1])
            pair[1].send(text, to: pair[0])
        }
        for (own, other) in [(0, 1), (1, 0)] {
            let expected = texts.map { "\(pair[other].mesh.own.id) 1 \($0)" }
            try await pair[own].journal.until { $0.messages == expected }
        }
    }

    @Test func longMessagesAndDescriptorsArrive() async throws {
        let arrived = Mutex<(UInt16, [UInt8], Descriptor?)?>(nil)
        let cluster = freshCluster()
        let sender = try MeshMember("a", in: cluster)
        let receiver = try Mesh(
            cluster: cluster, name: "b", incarnation: 7, region: .fresh(),
            handler: { event in
                if case .message(_, let kind, let bytes, let descriptor) = event {
                    arrived.withLock { $0 = (kind, bytes, descriptor) }
                }
            })
        sender.mesh.connect(to: receiver.own)
        try await sender.journal.until { $0.connected == ["b"] }
        let region = SharedMemoryRegion.fresh()
        region.region.store(99, at: SharedMemoryRegion.firstAllocation)
        let bytes = (0..<65_536).map { UInt8(truncatingIfNeeded: $0) }
        sender.mesh.send(.max, bytes, with: try Descriptor(copying: region.descriptor), to: 7)
        while arrived.withLock({ $0 == nil }) { try await Task.sleep(for: .milliseconds(1)) }
        let (kind, received, descriptor) = try #require(arrived.withLock { $0 })
        #expect(kind == .max && received == bytes)
        let mirror = try SharedMemoryMirror(
            descriptor: try #require(descriptor).number, size: SharedMemoryRegion.testSize)
        #expect(mirror.mirror.loadAcquiring(SharedMemoryRegion.firstAllocation) == 99)
        receiver.close()
    }

    @Test func regionsAreExchanged() async throws {
        let mirrors = Mutex<[String: any PeerMemory]>([:])
        let cluster = freshCluster()
        let meshes = try ["a", "b"].enumerated().map { index, name in
            let region = SharedMemoryRegion.fresh()
            region.region.store(UInt64(index), at: SharedMemoryRegion.firstAllocation)
            return try Mesh(cluster: cluster, name: name, incarnation: UInt64(index + 1), region: region) { event in
                if case .connected(let node, let mirror, _) = event { mirrors.withLock { $0[node.name] = mirror } }
            }
        }
        meshes[1].connect(to: meshes[0].own)
        while mirrors.withLock({ $0.count < 2 }) { try await Task.sleep(for: .milliseconds(1)) }
        let values = mirrors.withLock { mirrors in
            mirrors.mapValues { $0.mirror.loadAcquiring(SharedMemoryRegion.firstAllocation) }
        }
        #expect(values == ["a": 0, "b": 1])
        meshes.forEach { $0.close() }
    }

    @Test func whoCallEachOtherAtOnceHaveOneConnection() async throws {
        for _ in 0..<200 {
            let pair = try members(["a", "b"])
            pair[0].mesh.connect(to: pair[1].mesh.own)
            pair[1].mesh.connect(to: pair[0].mesh.own)
            try await pair[0].journal.until { !$0.connected.isEmpty }
            try await pair[1].journal.until { !$0.connected.isEmpty }
            pair[0].send("x", to: pair[1])
            pair[1].send("y", to: pair[0])
            for member in pair { try await member.journal.until { $0.messages.count == 1 } }
            #expect(pair.allSatisfy { $0.journal.read.connected.count == 1 && $0.journal.read.gone.isEmpty })
            pair.forEach { $0.mesh.close() }
        }
    }

    @Test func aGoodbyeIsToldFromADeath() async throws {
        let cluster = freshCluster()
        let member = try MeshMember("a", in: cluster)
        let leaver = try MeshMember("b", in: cluster)
        try await leaver.connect(to: member)
        leaver.mesh.close()
        try await member.journal.until { $0.gone[leaver.mesh.own.id] == .left }
        var raw: RawMeshPeer? = try await RawMeshPeer(to: member, in: cluster)
        let id = try #require(raw?.id)
        if let raw { raw.say(raw.hello(in: cluster), descriptors: 1) }
        try await member.journal.until { $0.connected.contains("raw") }
        raw = nil
        try await member.journal.until { $0.gone[id] == .died }
    }

    @Test func aConnectionCanBeEndedAndBegunAgain() async throws {
        let pair = try members(["a", "b"])
        for round in 1...3 {
            pair[0].mesh.connect(to: pair[1].mesh.own)
            for member in pair { try await member.journal.until { $0.connected.count == round } }
            pair[0].send("last", to: pair[1])
            pair[0].mesh.disconnect(pair[1].mesh.own.id)
            try await pair[1].journal.until { $0.gone.count == 1 && $0.messages.count == round }
            #expect(pair[0].journal.read.gone.isEmpty)
        }
    }

    @Test func nobodyAtAnAddressIsAFailure() async throws {
        let failed = Mutex<MeshNode?>(nil)
        let mesh = try Mesh(cluster: freshCluster(), name: "a", incarnation: 1, region: .fresh()) { event in
            if case .failed(let node, .unreachable) = event { failed.withLock { $0 = node } }
        }
        let nobody = MeshNode(name: "b", incarnation: 2, process: 1, regionSize: 1)
        mesh.connect(to: nobody)
        while failed.withLock({ $0 == nil }) { try await Task.sleep(for: .milliseconds(1)) }
        #expect(failed.withLock { $0 } == nobody)
        mesh.close()
    }

    @Test func closingFromTheHandlerIsAllowed() async throws {
        let cluster = freshCluster()
        let member = try MeshMember("a", in: cluster)
        let closer = Mutex<Mesh?>(nil)
        let mesh = try Mesh(cluster: cluster, name: "b", incarnation: 2, region: .fresh()) { event in
            if case .message = event { closer.withLock { $0 }?.close() }
        }
        closer.withLock { $0 = mesh }
        member.mesh.connect(to: mesh.own)
        try await member.journal.until { $0.connected == ["b"] }
        member.mesh.send(1, [], to: 2)
        try await member.journal.until { $0.gone == [2: .left] }
        closer.withLock { $0 = nil }
    }
}
