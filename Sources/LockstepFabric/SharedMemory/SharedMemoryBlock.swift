import CLockstep
import Glibc

/// Memory that one process writes and hands to another, which reads it.
///
/// Nothing is left of it when the last process that holds it is gone.
package final class SharedMemoryBlock: Sendable {
    /// To be handed over together with ``size``, by the one that made the block; open as long as it is here.
    package let descriptor: Int32?
    package let size: Int
    private let made: Region?
    private let mirror: Mirror

    /// Makes a block, which is zeroed.
    package init(name: String, size: Int) throws(FabricError) {
        precondition(size > 0, "a block must have some bytes, because nothing cannot be mapped")
        var descriptor: Int32 = -1
        var base: UnsafeMutableRawPointer?
        var result = lockstep_region_create(name, size, &descriptor, &base)
        guard result == 0, let base else { throw SharedMemoryBlock.failure(size, result) }
        // Backed at once, so that lack of memory is an error and not a signal.
        result = lockstep_region_reserve(descriptor, 0, size)
        guard result == 0 else {
            lockstep_unmap(base, size)
            close(descriptor)
            throw SharedMemoryBlock.failure(size, result)
        }
        self.descriptor = descriptor
        self.size = size
        let region = Region(base: base, size: size)
        (made, mirror) = (region, region.mirror)
    }

    /// Maps a block that another process has made. Its descriptor may be closed afterwards.
    package init(mapping descriptor: Int32, size: Int) throws(FabricError) {
        var base: UnsafeRawPointer?
        let result = lockstep_mirror_map(descriptor, size, &base)
        guard result == 0, let base else { throw SharedMemoryBlock.failure(size, result) }
        self.descriptor = nil
        self.size = size
        (made, mirror) = (nil, Mirror(base: base, size: size))
    }

    deinit {
        mirror.unmap()
        if let descriptor { close(descriptor) }
    }

    /// The bytes, for whoever made the block to write; they are valid as long as it is here.
    package func bytesToWrite(_ range: Range<Int>) -> UnsafeMutableRawBufferPointer {
        guard let made else { preconditionFailure("only who made a block may write it") }
        return made.bytes(range)
    }

    /// Lends the bytes, which must not leave `body`.
    package func withBytes<Value>(
        _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Value
    ) rethrows -> Value {
        try body(mirror.bytes(range))
    }

    private static func failure(_ size: Int, _ result: Int32) -> FabricError {
        .system(
            "A block of \(size) bytes of shared memory cannot be had", -result,
            mend: "Free memory on this host, or raise the limits of this process on memory and open files."
        )
    }
}
