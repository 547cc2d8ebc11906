import Glibc
import LockstepFabric
import Synchronization

/// Has the kernel clear the pages of large memory on another core, a little ahead of the thread that fills it: to clear them
/// takes longer than to fill them.
///
/// It never runs far ahead: who gives a state may have promised more than will come.
final class PagesAhead: Sendable {
    private static let least = 64 << 20
    private static let lead = 64 << 20
    private static let step = 8 << 20
    private static let pageSize = 4096
    /// As in the kernel's headers, which not every C library follows.
    private static let populateForWriting: Int32 = 23

    private let address: UInt
    private let size: Int
    private let filled = Atomic(0)
    private let isOver = Atomic(false)
    private let sleeper = Sleeper()
    private let thread = Mutex<BlockingThread?>(nil)

    /// Begins; nil if it is not worth a thread, or there is none.
    ///
    /// - Parameter memory: Must stay until ``end()``.
    init?(_ memory: UnsafeMutableRawBufferPointer) {
        guard memory.count >= Self.least else { return nil }
        address = UInt(bitPattern: memory.baseAddress) & ~UInt(Self.pageSize - 1)
        size = memory.count
        do {
            let thread = try BlockingThread(name: "lockstep-pages") { self.run() }
            self.thread.withLock { $0 = thread }
        } catch {
            return nil
        }
    }

    private func run() {
        var ready = 0
        while ready < size {
            let wakes = sleeper.wakes
            if isOver.load(ordering: .acquiring) { return }
            let filled = filled.load(ordering: .relaxed)
            let from = max(ready, filled & ~(Self.pageSize - 1))
            let end = min(from + Self.step, size)
            guard end <= filled + Self.lead else {
                sleeper.sleep(since: wakes)
                continue
            }
            let pages = UnsafeMutableRawPointer(bitPattern: address + UInt(from))
            // An older kernel cannot. The pages are cleared when they are filled, then.
            guard madvise(pages, end - from, Self.populateForWriting) == 0 else { return }
            ready = end
        }
    }

    /// So much has been filled.
    func note(filled count: Int) {
        filled.store(count, ordering: .relaxed)
        sleeper.wake()
    }

    /// Waits until the memory is touched no more.
    func end() {
        isOver.store(true, ordering: .releasing)
        sleeper.wake()
        thread.withLock { $0 }?.finish()
    }
}
