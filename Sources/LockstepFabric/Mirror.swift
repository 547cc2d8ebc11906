import CLockstep
import Synchronization

/// A peer's region, as far as it has arrived here. It is only read.
///
/// `@unchecked Sendable`: only its owner, elsewhere, changes the memory, and words are read whole.
@usableFromInline
package struct Mirror: @unchecked Sendable {
    @usableFromInline let base: UnsafeRawPointer
    @usableFromInline package let size: Int

    package init(base: UnsafeRawPointer, size: Int) {
        self.base = base
        self.size = size
    }

    /// A word, with everything that it vouches for.
    @inlinable @inline(__always)
    package func loadAcquiring(_ offset: Int) -> UInt64 {
        check(offset, 8)
        return (base + offset).assumingMemoryBound(to: Atomic<UInt64>.self).pointee.load(ordering: .acquiring)
    }

    /// Bytes that a counter read before has vouched for.
    @inlinable @inline(__always)
    package func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        check(range.lowerBound, range.count)
        return UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.upperBound &- range.lowerBound)
    }

    /// A word on which this node may sleep.
    func watchedWord(_ offset: Int) -> WatchedWord {
        check(offset, 4)
        return WatchedWord(base + offset)
    }

    /// Gives the memory back. Its owner alone does that, when nobody reads it any more.
    func unmap() { lockstep_unmap(base, size) }

    @inlinable @inline(__always)
    func check(_ offset: Int, _ count: Int) {
        precondition(offset >= 0 && count <= size &- offset, "an access must lie within the mirror")
    }
}
