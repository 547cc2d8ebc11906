import CLockstep
import Glibc

/// Bytes that one process hands to another, once: they are written by the one that makes the block, and only read after.
///
/// Nothing is left of it when the last process that holds it is gone.
package final class SharedMemoryBlock: Sendable {
    /// To be handed over together with ``size``, by the one that made the block; open as long as it is here.
    package let descriptor: Int32?
    package let size: Int
    /// One byte at least is mapped, because nothing cannot be.
    private let mirror: Mirror

    /// Makes a block of a copy of bytes.
    package init(name: String, copying bytes: UnsafeRawBufferPointer) throws(FabricError) {
        var descriptor: Int32 = -1
        var base: UnsafeMutableRawPointer?
        let mapped = max(bytes.count, 1)
        var result = lockstep_region_create(name, mapped, &descriptor, &base)
        guard result == 0, let base else { throw SharedMemoryBlock.failure(bytes.count, result) }
        // Backed at once, so that lack of memory is an error and not a signal.
        result = lockstep_region_reserve(descriptor, 0, mapped)
        guard result == 0 else {
            lockstep_unmap(base, mapped)
            close(descriptor)
            throw SharedMemoryBlock.failure(bytes.count, result)
        }
        lockstep_populate(base, mapped, 1)
        if let source = bytes.baseAddress { base.copyMemory(from: source, byteCount: bytes.count) }
        self.descriptor = descriptor
        size = bytes.count
        mirror = Mirror(base: base, size: mapped)
    }

    /// Maps a block that another process has made. Its descriptor may be closed afterwards.
    package init(mapping descriptor: Int32, size: Int) throws(FabricError) {
        var base: UnsafeRawPointer?
        let result = lockstep_mirror_map(descriptor, max(size, 1), &base)
        guard result == 0, let base else { throw SharedMemoryBlock.failure(size, result) }
        lockstep_populate(base, max(size, 1), 0)
        self.descriptor = nil
        self.size = size
        mirror = Mirror(base: base, size: max(size, 1))
    }

    deinit {
        mirror.unmap()
        if let descriptor { close(descriptor) }
    }

    /// Lends the bytes, which must not leave `body`.
    package func withBytes<Value>(_ body: (UnsafeRawBufferPointer) throws -> Value) rethrows -> Value {
        try body(mirror.bytes(0..<size))
    }

    private static func failure(_ size: Int, _ result: Int32) -> FabricError {
        .system(
            "A block of \(size) bytes of shared memory cannot be had", -result,
            mend: "Free memory on this host, or raise the limits of this process on memory and open files."
        )
    }
}
