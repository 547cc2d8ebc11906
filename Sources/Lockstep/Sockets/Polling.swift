import CLockstep
import Glibc

/// Sleeps until one of the descriptors has something or the deadline passes. An interruption counts as waking.
func pollDescriptors(_ polled: inout [pollfd], until deadline: Int64?) {
    let count = poll(&polled, nfds_t(polled.count), milliseconds(until: deadline))
    if count < 0 {
        // Out of kernel memory is the only other cause: it must not become a busy loop.
        if errno != EINTR { usleep(10_000) }
        for index in polled.indices { polled[index].revents = 0 }
    }
}

/// How long to sleep: -1 for as long as it takes. Rounded up, so that the deadline has passed on waking; a longer sleep is
/// resumed by the caller.
func milliseconds(until deadline: Int64?) -> Int32 {
    guard let deadline else { return -1 }
    let remaining = max(0, deadline.subtractingReportingOverflow(lockstep_monotonic_ns()).partialValue)
    return Int32(min(remaining / 1_000_000 + (remaining > 0 ? 1 : 0), 3_600_000))
}

extension pollfd {
    /// Waits for something to read. A negative number is ignored.
    init(reading number: Int32) { self.init(fd: number, events: Int16(POLLIN), revents: 0) }
}

extension BlockingThread {
    /// A thread that sleeps in poll.
    static func make(
        name: String, run: @escaping @Sendable () -> Void
    ) throws(RendezvousError) -> BlockingThread {
        do {
            return try BlockingThread(name: name, run: run)
        } catch {
            throw .system(call: "pthread_create", errno: error.errno)
        }
    }
}
