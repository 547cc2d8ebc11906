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
    private let arenaEnd = Mutex(SharedMemoryLayout.arenaOffset)

    /// Makes a region of a fixed size. Memory is taken only as the arena is used.
    package init(name: String, size: Int) throws(FabricError) {
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
        region.store(lockstep_process_namespace(), at: SharedMemoryLayout.namespaceOffset)
        region.storeReleasing(SharedMemoryLayout.magic, at: SharedMemoryLayout.magicOffset)
    }

    deinit {
        region.mirror.unmap()
        close(descriptor)
    }

    /// What other threads wake the thread of a channel with.
    package func waker(of channel: FabricChannel = .polling) -> FabricWaker {
        FabricWaker(
            parked: region.futexWord(channel.parkedOffset),
            word: region.futexWord(channel.ownWakeOffset),
            region: self
        )
    }

    /// Takes zeroed memory from the arena: its offset, aligned to 64 bytes.
    package func allocate(_ count: Int) throws(FabricError) -> Int {
        try arenaEnd.withLock { end throws(FabricError) in
            let rounded = (count + 63) & ~63
            guard rounded <= region.size - end else {
                throw FabricError(
                    """
                    The node's memory region of \(region.size) bytes is used up. Raise `regionBytes`, or host fewer \
                    groups.
                    """,
                    isConfiguration: true
                )
            }
            try reserve(end..<end + rounded)
            defer { end += rounded }
            return end
        }
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
