import CLockstep
import Synchronization

/// A word in my region on which others may sleep.
///
/// `@unchecked Sendable`: every access is atomic.
struct FutexWord: @unchecked Sendable {
    private let address: UnsafeMutableRawPointer

    init(_ address: UnsafeMutableRawPointer) { self.address = address }

    var value: UInt32 { atomic.pointee.load(ordering: .acquiring) }

    func store(_ value: UInt32) { atomic.pointee.store(value, ordering: .releasing) }

    /// Raises the word: who is about to sleep on it sees another value than the expected one.
    func raise() { atomic.pointee.wrappingAdd(1, ordering: .acquiringAndReleasing) }

    /// Wakes everybody who sleeps on it, in any process.
    func wake() { lockstep_futex_wake(address.assumingMemoryBound(to: UInt32.self)) }

    private var atomic: UnsafeMutablePointer<Atomic<UInt32>> {
        address.assumingMemoryBound(to: Atomic<UInt32>.self)
    }
}

/// A word in a mirror, or in my own region, on which this node may sleep.
///
/// `@unchecked Sendable`: every access is atomic.
struct WatchedWord: @unchecked Sendable {
    private let address: UnsafeRawPointer

    init(_ address: UnsafeRawPointer) { self.address = address }

    var value: UInt32 { address.assumingMemoryBound(to: Atomic<UInt32>.self).pointee.load(ordering: .acquiring) }

    /// Sleeps until one of the words is woken or has not its expected value, or the deadline passes.
    static func wait(on words: [WatchedWord], expecting values: [UInt32], until deadline: Int64?) {
        let addresses = words.map { Optional($0.address.assumingMemoryBound(to: UInt32.self)) }
        _ = lockstep_futex_wait_any(addresses, values, UInt32(values.count), deadline ?? -1)
    }
}
