import LockstepFabric
import LockstepTesting
import Testing

@testable import Lockstep

@Suite("A layout says who has replicas")
struct GroupLayoutTests {
    /// Members in rank order, with the labels of each.
    private func members(_ labels: [NodeLabels]) -> [View.Member] {
        labels.enumerated().map { rank, labels in
            View.Member(
                name: "n\(rank)", rank: rank, incarnation: UInt64(rank + 1), processID: 1,
                traits: NodeTraits(.member, labels), regionSize: 1 << 20, peer: Peer(rank)
            )
        }
    }

    private func plain(_ count: Int) -> [View.Member] { members((0..<count).map { ["host": "h\($0)"] }) }

    private func ranks(_ shards: [[View.Member]]) -> [[Int]] { shards.map { $0.map(\.rank) } }

    @Test func everyoneHasOne() throws {
        #expect(ranks(try GroupLayout.everyone.assign(LayoutRequest(members: plain(4)))) == [[0, 1, 2, 3]])
    }

    @Test func theFirstHaveThemWhereAllAreAlike() throws {
        #expect(ranks(try GroupLayout.replicas(3).assign(LayoutRequest(members: plain(5)))) == [[0, 1, 2]])
        #expect(ranks(try GroupLayout.replicas(3).assign(LayoutRequest(members: plain(2)))) == [[0, 1]])
        #expect(ranks(try GroupLayout.replicas(3).assign(LayoutRequest(members: []))) == [[]])
    }

    @Test func theyAreInDifferentZonesThenRacksThenHosts() throws {
        let zones = members([["zone": "a"], ["zone": "a"], ["zone": "b"], ["zone": "c"]])
        #expect(ranks(try GroupLayout.replicas(3).assign(LayoutRequest(members: zones))) == [[0, 2, 3]])
        let racks = members([
            ["zone": "a", "rack": "1"], ["zone": "a", "rack": "1"], ["zone": "a", "rack": "2"],
        ])
        #expect(ranks(try GroupLayout.replicas(2).assign(LayoutRequest(members: racks))) == [[0, 2]])
        let hosts = members([["host": "x"], ["host": "x"], ["host": "y"]])
        #expect(ranks(try GroupLayout.replicas(2).assign(LayoutRequest(members: hosts))) == [[0, 2]])
    }

    @Test func whoHasOneKeepsItThoughOthersWouldBeFurtherApart() throws {
        let nodes = members([["zone": "a"], ["zone": "a"], ["zone": "b"]])
        let request = LayoutRequest(members: nodes, current: [[nodes[0], nodes[1]]])
        #expect(ranks(try GroupLayout.replicas(2).assign(request)) == [[0, 1]])
    }

    @Test func shardsAreSpreadEvenlyAndTheirReplicasApart() throws {
        let nodes = members((0..<6).map { ["zone": "z\($0 % 3)", "host": "h\($0)"] })
        let shards = try GroupLayout.shards(8, replicas: 3).assign(LayoutRequest(members: nodes))
        #expect(shards.count == 8)
        for shard in shards { #expect(Set(shard.map { $0.labels.zone }).count == 3) }
        let loads = nodes.map { node in shards.count { $0.contains(node) } }
        #expect(loads == [4, 4, 4, 4, 4, 4])
    }

    @Test(
        "Whatever comes and goes: nobody loses a replica, and no more move than must",
        arguments: 1...50 as ClosedRange<UInt64>)
    func isStable(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let all = members((0..<12).map { ["zone": "z\($0 % 4)", "rack": "r\($0 % 6)", "host": "h\($0)"] })
        let layout = GroupLayout.shards(random.pick(1...5), replicas: random.pick(1...5))
        var current: [[View.Member]] = []
        for _ in 0..<30 {
            let here = all.filter { _ in random.pick(0...3) > 0 }
            let next = try layout.assign(
                LayoutRequest(members: here, current: current.map { $0.filter(here.contains) }))
            #expect(
                next
                    == (try layout.assign(
                        LayoutRequest(members: here, current: current.map { $0.filter(here.contains) }))))
            for (shard, replicas) in next.enumerated() {
                let kept = current.indices.contains(shard) ? current[shard].filter(here.contains) : []
                #expect(Set(kept).isSubset(of: replicas))
                #expect(Set(replicas).count == replicas.count && Set(replicas).isSubset(of: here))
                #expect(replicas == replicas.sorted { $0.rank < $1.rank })
            }
            current = next
        }
    }

    @Test(arguments: [
        GroupLayout.everyone(atLeast: 0), .replicas(0), .replicas(65), .replicas(3, atLeast: 4),
        .replicas(3, atLeast: 0), .shards(0, replicas: 1), .shards(5000, replicas: 1),
        .custom(String(repeating: "x", count: 65)) { _ in [] },
    ])
    func whatMakesNoSenseIsRefused(layout: GroupLayout) {
        let failure = #expect(throws: LockstepError.self) { try layout.check() }
        #expect(failure?.code == .invalidConfiguration)
    }

    @Test func itsNameTellsWhatItIs() {
        #expect("\(GroupLayout.everyone)" == "everyone")
        #expect("\(GroupLayout.replicas(3))" == "3 replicas, at least 2")
        #expect("\(GroupLayout.shards(4, replicas: 3, atLeast: 1))" == "4 shards of 3 replicas, at least 1")
        #expect("\(GroupLayout.custom("mine") { _ in [] })" == "\"mine\"")
    }
}
