/// A node of a cluster, as it introduces itself to the others.
package struct MeshNode: Sendable, Hashable {
    package let name: String
    /// A random number, never used twice: the node's identity.
    package let incarnation: UInt64
    package let process: Int32
    package let regionSize: Int
    package let traits: NodeTraits
    /// Where it listens for nodes of other hosts, nil if it does not.
    package let address: NodeAddress?

    package init(
        name: String, incarnation: UInt64, process: Int32, regionSize: Int, traits: NodeTraits = NodeTraits(),
        address: NodeAddress? = nil
    ) {
        self.name = name
        self.incarnation = incarnation
        self.process = process
        self.regionSize = regionSize
        self.traits = traits
        self.address = address
    }

    package var id: UInt64 { incarnation }

    init(from reader: inout ControlReader) throws(ControlFlaw) {
        name = try reader.name()
        incarnation = try reader.integer(UInt64.self)
        process = try reader.integer(Int32.self)
        regionSize = try reader.size()
        traits = try NodeTraits(from: &reader)
        address = try reader.address()
    }

    func write(to writer: inout ControlWriter) {
        writer.write(name: name)
        writer.write(incarnation)
        writer.write(process)
        writer.write(UInt64(regionSize))
        traits.write(to: &writer)
        writer.write(address)
    }
}
