import CLockstep
import LockstepFabric
import LockstepProtocol
import LockstepTesting
import Testing

@testable import Lockstep

/// Where there are several NUMA nodes: in the rig, or on a host that has them.
@Suite("Pollers on NUMA nodes", .enabled(if: (try? PollerPlan.automatic.homes(near: nil).count) ?? 1 > 1))
struct NUMATests {
    @Test func eachPollerKeepsToItsNodeWithItsMemory() async throws {
        try await withCluster(of: 2) { nodes in
            let status = try await nodes[0].status
            let places = status.pollers.compactMap(\.numaNode)
            #expect(places.count == status.pollers.count && Set(places).count == places.count)
            for (poller, place) in places.enumerated() {
                var options = GroupOptions()
                options.poller = poller
                let group = GroupID("group \(poller)")
                let ledgers = try await hostEverywhere(group, on: nodes, options: options) { Ledger(actorSystem: $0) }
                #expect(try await ledgers[1].deposit(1, to: "x") == 1)
                try await check(poller, place, on: nodes[0])
            }
        }
    }

    /// Its cores, the rings that it writes, and what it allocates.
    private func check(_ poller: Int, _ place: Int, on node: Node) async throws {
        let registry = node.residence.tenure.registry
        let (cores, ring, heap) = try await registry.on(registry.pollers.all[poller]) { loop in
            let cores = CoreSet.ofThisThread
            let part = loop.shards.value.engines.last.flatMap { $0 }?.value.active?.value.part
            let ring = part.flatMap { registry.numaNode(at: $0.layout.members[$0.layout.me].ring.lowerBound) }
            let bytes = [UInt8](repeating: 1, count: 1 << 22)
            let heap = bytes.withUnsafeBytes { lockstep_numa_node_of($0.baseAddress! + (1 << 21)) }
            return (cores, ring, Int(heap))
        }
        #expect(cores == CoreSet(ofNUMANode: place))
        #expect(ring == place)
        #expect(heap == place)
    }

    @Test func theNodeOfTheDeviceComesFirst() throws {
        let all = try PollerPlan.automatic.homes(near: nil).compactMap(\.numaNode)
        let last = try #require(all.last)
        #expect(try PollerPlan.automatic.homes(near: last).first?.numaNode == last)
        #expect(try PollerPlan.numaNodes([last]).homes(near: nil) == [PollerHome(numaNode: last)])
    }
}
