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

    fileprivate var pointer: UnsafePointer<UInt32> { address.assumingMemoryBound(to: UInt32.self) }
}

/// The words that a node sleeps on, and the values that they had before it looked whether there is work.
struct WaitSet {
    private let words: [WatchedWord]
    private let pointers: [UnsafePointer<UInt32>?]
    private var expected: [UInt32]

    init(_ words: [WatchedWord]) { self.init(words.map { ($0, $0.value) }) }

    init(_ words: [(word: WatchedWord, expected: UInt32)]) {
        self.words = words.map(\.word)
        pointers = words.map(\.word.pointer)
        expected = words.map(\.expected)
    }

    mutating func expectWhatIsThere() {
        for index in words.indices { expected[index] = words[index].value }
    }

    /// Sleeps until one of the words is woken or has not its expected value, or the deadline passes.
    func wait(until deadline: Int64?) {
        _ = lockstep_futex_wait_any(pointers, expected, UInt32(expected.count), deadline ?? -1)
    }
}
