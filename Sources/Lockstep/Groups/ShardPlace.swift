import LockstepFabric
import LockstepProtocol

/// Where a member keeps its part of a shard in its region: a line and a ring for each parity of the view.
///
/// A view leaves the memory of the one before it readable, because a member that is slower may still deliver from it.
/// The next one takes that memory again: by then every member has installed the view in between.
struct ShardPlace: Codable, Sendable, Hashable {
    private let lines: Int
    private let rings: Int
    /// 0 for a member that does not send.
    let ringSize: Int

    init(lines: Int, rings: Int, ringSize: Int) {
        self.lines = lines
        self.rings = rings
        self.ringSize = ringSize
    }

    /// The offset of the line in a view.
    func line(in view: UInt64) -> Int { lines + Int(view % 2) * Line.size }

    /// The offsets of the ring in a view.
    func ring(in view: UInt64) -> Range<Int> {
        let start = rings + Int(view % 2) * ringSize
        return start..<start + ringSize
    }

    /// The first allocations of every region.
    static let catalogue = ShardPlace(
        lines: SharedMemoryRegion.firstAllocation,
        rings: SharedMemoryRegion.firstAllocation + 2 * Line.size,
        ringSize: Catalogue.ringSize
    )

    /// True if a member can keep its part of a shard there: what a peer says is checked before it is used.
    func isValid(in regionSize: Int) -> Bool {
        (ringSize == 0
            || ringSize.nonzeroBitCount == 1 && (Record.ringSizeMin...Record.ringSizeMax).contains(ringSize))
            && ringSize <= regionSize / 2 && lines % Line.size == 0 && rings % Line.size == 0
            && (0...regionSize - 2 * Line.size).contains(lines) && (0...regionSize - 2 * ringSize).contains(rings)
    }

    /// Takes memory for a shard, on a NUMA node if one is given.
    static func allocate(
        in region: SharedMemoryRegion, ringSize: Int, near home: PollerHome = PollerHome()
    ) throws(FabricError) -> ShardPlace {
        let lines = try region.allocate(2 * Line.size, onNUMANode: home.numaNode)
        let rings = ringSize > 0 ? try region.allocate(2 * ringSize, onNUMANode: home.numaNode) : lines
        return ShardPlace(lines: lines, rings: rings, ringSize: ringSize)
    }
}
