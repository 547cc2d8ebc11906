import LockstepFabric

// A node as the mesh knows it, and as the members of a view.
extension MeshNode {
    init(_ member: View.Member) {
        self.init(
            name: member.name, incarnation: member.incarnation, process: member.processID,
            regionSize: member.regionSize, traits: member.traits, address: member.address)
    }
}

extension View.Member {
    init(_ node: MeshNode, rank: Int, peer: Peer) {
        self.init(
            name: node.name, rank: rank, incarnation: node.incarnation, processID: node.process, traits: node.traits,
            regionSize: node.regionSize, peer: peer, address: node.address)
    }
}
