import CLockstep
import Glibc

/// A peer's region, mapped for reading.
package final class SharedMemoryMirror: Sendable {
    package let mirror: Mirror
    package let pollers: Int

    /// Maps the region behind a descriptor that a peer handed over. The descriptor may be closed afterwards.
    package init(descriptor: Int32, size: Int) throws(FabricError) {
        var base: UnsafeRawPointer?
        let result = lockstep_mirror_map(descriptor, size, &base)
        guard result == 0, let base else {
            throw .system(
                "A peer's memory region of \(size) bytes cannot be mapped", -result,
                mend: result == -ENOMEM
                    ? "Raise this process's limit on address space, or lower `regionBytes` on all nodes."
                    : "The peer must run the same release of Lockstep on the same host."
            )
        }
        mirror = Mirror(base: base, size: size)
        let hasHeader = size >= SharedMemoryLayout.arenaOffset
        pollers = hasHeader ? Int(truncatingIfNeeded: mirror.loadAcquiring(SharedMemoryLayout.pollersOffset)) : 0
        try check()
    }

    deinit { mirror.unmap() }

    private func check() throws(FabricError) {
        guard mirror.size >= SharedMemoryLayout.arenaOffset,
            mirror.loadAcquiring(SharedMemoryLayout.magicOffset) == SharedMemoryLayout.magic
        else { throw FabricError("A peer handed over memory that is not a region of Lockstep.") }
        let version = mirror.loadAcquiring(SharedMemoryLayout.versionOffset)
        guard version == SharedMemoryLayout.version else {
            throw FabricError(
                """
                A peer's region has layout \(version), this node's has \(SharedMemoryLayout.version). \
                Run the same release of Lockstep on both.
                """
            )
        }
        guard SharedMemoryRegion.isPollerCount(pollers) else {
            throw FabricError("A peer's region says that its node has \(pollers) pollers, which cannot be.")
        }
    }
}
