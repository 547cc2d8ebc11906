import LockstepFabric
import LockstepProtocol

/// Where everything lies in the region of a simulated node.
struct ClusterPlaces {
    let row = MembershipLayout(start: 0, capacity: 64)
    let shardCount: Int
    var ringSize = Record.ringSizeMin

    private var shardSize: Int { Line.size + ringSize }

    var regionSize: Int { row.size + shardCount * shardSize }

    func member(_ peer: Peer, shard: Int) -> ShardLayout.Member {
        let line = row.size + shard * shardSize
        return ShardLayout.Member(peer: peer, line: line, ring: line + Line.size..<line + shardSize)
    }
}
