import LockstepFabric

/// What the others go by when they decide on views and layouts.
package struct NodeTraits: Sendable, Hashable {
    package var role = NodeRole.member
    package var labels = NodeLabels()
    /// With whom it can share memory.
    var host = HostIdentity.own
    /// How RDMA leads to it, if it does.
    var rdma: RDMAReach?
    /// How many pollers it has.
    var pollers = 1

    package init() {}

    init(_ role: NodeRole, _ labels: NodeLabels) { (self.role, self.labels) = (role, labels) }
}

extension NodeTraits {
    init(from reader: inout ControlReader) throws(ControlFlaw) {
        let number = Int(try reader.integer(UInt8.self))
        guard NodeRole.allCases.indices.contains(number) else { throw .malformed("it has an unknown role") }
        role = NodeRole.allCases[number]
        var labels = NodeLabels()
        for _ in 0..<(try reader.number(in: 0...NodeLabels.countMax)) {
            let name = try reader.name()
            labels[name] = try reader.text(in: 0...NodeLabels.bytesMax)
        }
        guard labels.byteCount <= NodeLabels.bytesMax else { throw .malformed("its labels are too long") }
        self.labels = labels
        host = HostIdentity(value: try reader.integer(UInt64.self))
        rdma = try RDMAReach(from: &reader)
        pollers = Int(try reader.integer(UInt8.self))
        guard SharedMemoryRegion.isPollerCount(pollers) else { throw .malformed("it has \(pollers) pollers") }
    }

    func write(to writer: inout ControlWriter) {
        writer.write(UInt8(NodeRole.allCases.firstIndex(of: role) ?? 0))
        let labels = labels.sorted
        writer.write(UInt16(labels.count))
        for (name, value) in labels {
            writer.write(name: name)
            writer.write(value, bytesMax: NodeLabels.bytesMax)
        }
        writer.write(host.value)
        rdma.write(to: &writer)
        writer.write(UInt8(pollers))
    }
}

extension RDMAReach {
    /// Nil if the node offers none.
    fileprivate init?(from reader: inout ControlReader) throws(ControlFlaw) {
        let number = try reader.integer(UInt8.self)
        guard number != 0 else { return nil }
        guard let network = Network(rawValue: number) else { throw .malformed("it has an unknown kind of RDMA") }
        self.init(
            network: network, subnet: try reader.integer(UInt64.self), interface: try reader.integer(UInt64.self))
    }
}

extension RDMAReach? {
    fileprivate func write(to writer: inout ControlWriter) {
        writer.write(self?.network.rawValue ?? 0)
        guard let self else { return }
        writer.write(self.subnet)
        writer.write(self.interface)
    }
}
