import CLockstep
import Synchronization

/// A word in my region on which others may sleep.
///
/// `@unchecked Sendable`: every access is atomic.
struct FutexWord: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<UInt32>

    private var atomic: UnsafeMutablePointer<Atomic<UInt32>> {
        UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: Atomic<UInt32>.self)
    }

    var value: UInt32 { atomic.pointee.load(ordering: .acquiring) }

    func store(_ value: UInt32) { atomic.pointee.store(value, ordering: .releasing) }

    /// Raises the word: who is about to sleep on it sees another value than the expected one.
    func raise() { atomic.pointee.wrappingAdd(1, ordering: .acquiringAndReleasing) }

    /// Wakes everybody who sleeps on it, in any process.
    func wake() { lockstep_futex_wake(pointer) }
}
