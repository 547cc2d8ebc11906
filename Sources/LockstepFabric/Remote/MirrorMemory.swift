import CLockstep

/// Memory of this process for a remote peer's region, in which a link puts what the peer pushes.
///
/// It is zero in the beginning, as the peer's own region was, and takes room only where something has arrived.
package final class MirrorMemory: Sendable {
    /// For the link, which alone writes it.
    package let region: Region

    package var mirror: Mirror { region.mirror }

    /// - Parameter size: That of the peer's region.
    package init(size: Int) throws(FabricError) {
        guard size >= SharedMemoryLayout.arenaOffset, size % 8 == 0 else {
            throw FabricError("A peer has a region of \(size) bytes, in which no node fits.")
        }
        var base: UnsafeMutableRawPointer?
        let result = lockstep_memory_map(size, &base)
        guard result == 0, let base else {
            throw .system(
                "\(size) bytes of memory for a peer's region cannot be had", -result,
                mend: "Raise this process's limit on address space, or lower `regionBytes` on all nodes."
            )
        }
        region = Region(base: base, size: size)
    }

    deinit { mirror.unmap() }
}
