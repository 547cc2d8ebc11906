import CLockstep
import Glibc
import Synchronization

/// A sealed memfd, mapped for writing by its owner only, from which views take their memory.
///
/// Nothing is left of it when the last process that holds it is gone, however it ends.
package final class SharedMemoryRegion: Sendable {
    package let region: Region
    /// To be handed to peers, who can map it for reading only.
    package let descriptor: Int32
    /// The offset that the first allocation of every region has.
    package static let firstAllocation = SharedMemoryLayout.arenaOffset
    /// How many pollers this node has: a power of two up to ``Strand/count``.
    package let pollers: Int
    private let arenaEnd = Mutex(SharedMemoryLayout.arenaOffset)

    /// Makes a region of a fixed size. Memory is taken only as the arena is used.
    package init(name: String, size: Int, pollers: Int = 1) throws(FabricError) {
        precondition(Self.isPollerCount(pollers), "a node has as many pollers as a power of two, up to Strand.count")
        self.pollers = pollers
        var descriptor: Int32 = -1
        var base: UnsafeMutableRawPointer?
        let result = lockstep_region_create(name, size, &descriptor, &base)
        guard result == 0, let base else {
            throw .system(
                "A shared memory region of \(size) bytes cannot be made", -result,
                mend: "Raise this process's limits on memory, file size and open files, or lower `regionBytes`."
            )
        }
        self.descriptor = descriptor
        region = Region(base: base, size: size)
        try reserve(0..<SharedMemoryLayout.arenaOffset)
        region.store(SharedMemoryLayout.version, at: SharedMemoryLayout.versionOffset)
        region.store(UInt64(pollers), at: SharedMemoryLayout.pollersOffset)
        region.store(lockstep_process_namespace(), at: SharedMemoryLayout.namespaceOffset)
        region.storeReleasing(SharedMemoryLayout.magic, at: SharedMemoryLayout.magicOffset)
    }

    deinit {
        region.mirror.unmap()
        close(descriptor)
    }

    /// True if a node may have so many pollers.
    package static func isPollerCount(_ count: Int) -> Bool {
        (1...Strand.count).contains(count) && count.nonzeroBitCount == 1
    }

    /// What other threads wake the thread with that does the work of a channel.
    package func waker(of channel: FabricChannel = .polling) -> FabricWaker {
        let channel = channel.thread(pollers: pollers)
        return FabricWaker(
            parked: region.futexWord(channel.parkedOffset),
            word: region.futexWord(channel.ownWakeOffset),
            region: self
        )
    }

    /// Takes zeroed memory from the arena: its offset, aligned to 64 bytes.
    ///
    /// - Parameter numaNode: Where it is to lie; then it begins and ends with a page.
    package func allocate(_ count: Int, onNUMANode numaNode: Int? = nil) throws(FabricError) -> Int {
        try arenaEnd.withLock { arenaEnd throws(FabricError) in
            let alignment = numaNode == nil ? 64 : Int(getpagesize())
            let end = (arenaEnd + alignment - 1) & ~(alignment - 1)
            let rounded = (count + alignment - 1) & ~(alignment - 1)
            guard rounded <= region.size - end else {
                throw FabricError(
                    """
                    The node's memory region of \(region.size) bytes is used up. Raise `regionBytes`, or host fewer \
                    groups.
                    """,
                    isConfiguration: true
                )
            }
            if let numaNode { try prefer(numaNode, for: end..<end + rounded) }
            try reserve(end..<end + rounded)
            arenaEnd = end + rounded
            return end
        }
    }

    private func prefer(_ numaNode: Int, for range: Range<Int>) throws(FabricError) {
        let result = lockstep_numa_prefer(region.base + range.lowerBound, range.count, Int32(numaNode))
        guard result == 0 else {
            throw .system(
                "The memory of NUMA node \(numaNode) cannot be asked for", -result,
                mend: "Allow this process the system call mbind, or set `pollers` to a count."
            )
        }
    }

    /// The NUMA node in whose memory an offset lies, as the kernel says; nil if it does not say.
    package func numaNode(at offset: Int) -> Int? {
        let node = lockstep_numa_node_of(region.base + offset)
        return node >= 0 ? Int(node) : nil
    }

    /// Backs a range with memory now, so that lack of it is an error here and not a bus error later.
    private func reserve(_ range: Range<Int>) throws(FabricError) {
        let result = lockstep_region_reserve(descriptor, range.lowerBound, range.count)
        guard result == 0 else {
            throw .system(
                "\(range.count) bytes of shared memory cannot be had", -result,
                mend: "Free memory on this host, or raise the memory limit of its control group."
            )
        }
    }
}
