/// A word of its own on which a thread sleeps until another thread of the process wakes it.
///
/// `@unchecked Sendable`: every access to the word is atomic.
package final class Sleeper: @unchecked Sendable {
    private let address: UnsafeMutablePointer<UInt32>
    private let word: FutexWord

    package init() {
        address = .allocate(capacity: 1)
        address.initialize(to: 0)
        word = FutexWord(address)
    }

    deinit { address.deallocate() }

    /// Changes with each wake: to be read before the look that finds nothing to do.
    package var wakes: UInt32 { word.value }

    package func wake() {
        word.raise()
        word.wake()
    }

    /// Sleeps until it is woken, unless it was since `wakes` was read, or until the deadline passes, in nanoseconds of
    /// the monotonic clock.
    package func sleep(since wakes: UInt32, until deadline: Int64? = nil) {
        WaitSet([(WatchedWord(address), wakes)]).wait(until: deadline)
    }
}
