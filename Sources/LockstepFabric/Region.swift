import CLockstep
import Synchronization

/// Memory that this node alone writes and its peers read.
///
/// A handle to memory that the fabric owns: it is valid as long as the fabric lives. Offsets are in bytes from the
/// start of the region and mean the same in every ``Mirror`` of it.
///
/// `@unchecked Sendable`: the memory is written by the poller of the shard that an offset belongs to, and by those
/// who have claimed a part of its ring.
@usableFromInline
package struct Region: @unchecked Sendable {
    @usableFromInline let base: UnsafeMutableRawPointer
    @usableFromInline package let size: Int

    package init(base: UnsafeMutableRawPointer, size: Int) {
        self.base = base
        self.size = size
    }

    /// What I wrote last.
    @inlinable @inline(__always)
    package func load(_ offset: Int) -> UInt64 {
        check(offset, 8)
        return base.load(fromByteOffset: offset, as: UInt64.self)
    }

    /// Writes a word that nothing vouches for yet.
    @inlinable @inline(__always)
    package func store(_ value: UInt64, at offset: Int) {
        check(offset, 8)
        base.storeBytes(of: value, toByteOffset: offset, as: UInt64.self)
    }

    /// Writes a word that vouches for everything written before it.
    @inlinable @inline(__always)
    package func storeReleasing(_ value: UInt64, at offset: Int) {
        check(offset, 8)
        (base + offset).assumingMemoryBound(to: Atomic<UInt64>.self).pointee.store(value, ordering: .releasing)
    }

    /// Writes bytes that a later counter vouches for.
    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        check(offset, bytes.count)
        guard let source = bytes.baseAddress else { return }
        (base + offset).copyMemory(from: source, byteCount: bytes.count)
    }

    /// Writes words of 8 bytes, each whole, which others see behind everything that was written before.
    package func storeWords(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        check(offset, bytes.count)
        precondition((offset | bytes.count) & 7 == 0, "words lie at multiples of 8 bytes")
        atomicMemoryFence(ordering: .releasing)
        guard let source = bytes.baseAddress else { return }
        lockstep_store_words(base + offset, source, bytes.count / 8)
    }

    /// Bytes for whoever has claimed them to write, until a later counter vouches for them.
    package func bytes(_ range: Range<Int>) -> UnsafeMutableRawBufferPointer {
        check(range.lowerBound, range.count)
        return UnsafeMutableRawBufferPointer(start: base + range.lowerBound, count: range.count)
    }

    /// The region as its own owner reads it.
    package var mirror: Mirror { Mirror(base: UnsafeRawPointer(base), size: size) }

    /// A word on which others may sleep.
    func futexWord(_ offset: Int) -> FutexWord {
        check(offset, 4)
        return FutexWord(base + offset)
    }

    @inlinable @inline(__always)
    func check(_ offset: Int, _ count: Int) {
        precondition(offset >= 0 && count <= size &- offset, "an access must lie within the region")
    }
}
