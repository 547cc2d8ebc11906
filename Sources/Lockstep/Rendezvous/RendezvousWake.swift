import CLockstep
import Glibc
import Synchronization

/// Wakes the one thread that polls `reader`, from any other, until that thread closes it.
final class RendezvousWake: Sendable {
    private struct Ends {
        var reader: RendezvousDescriptor
        var writer: RendezvousDescriptor
    }

    private let ends: Mutex<Ends?>

    init() throws(RendezvousError) {
        var reader: Int32 = -1
        var writer: Int32 = -1
        let result = lockstep_wake_pair(&reader, &writer)
        guard result == 0 else { throw .system(call: "pipe2", errno: -result) }
        ends = Mutex(
            Ends(reader: RendezvousDescriptor(owning: reader), writer: RendezvousDescriptor(owning: writer)))
    }

    /// What the woken thread polls; -1, which poll ignores, once it is closed.
    var reader: Int32 {
        ends.withLock { $0?.reader.number ?? -1 }
    }

    func wake() {
        ends.withLock { ends in
            guard let ends else { return }
            var byte: UInt8 = 1
            // A full pipe wakes as well as one byte more.
            _ = write(ends.writer.number, &byte, 1)
        }
    }

    /// Forgets earlier wakes; only the woken thread calls it, before it looks at what it was woken for.
    func clear() {
        withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { scratch in
            while read(reader, scratch.baseAddress, scratch.count) > 0 {}
        }
    }

    /// Only the woken thread calls it, when it will not poll again.
    func close() {
        ends.withLock { $0 = nil }
    }
}

/// Sleeps until one of the descriptors has something or the deadline passes. An interruption counts as waking.
func rendezvousPoll(_ polled: inout [pollfd], until deadline: Int64?) {
    var timeout: Int32 = -1
    if let deadline {
        let remaining = max(0, deadline.subtractingReportingOverflow(lockstep_monotonic_ns()).partialValue)
        // Rounded up, so that the deadline has passed on waking; a longer sleep is resumed by the caller.
        timeout = Int32(min(remaining / 1_000_000 + (remaining > 0 ? 1 : 0), 3_600_000))
    }
    let count = poll(&polled, nfds_t(polled.count), timeout)
    if count < 0 {
        // Out of kernel memory is the only other cause: it must not become a busy loop.
        if errno != EINTR { usleep(10_000) }
        for index in polled.indices { polled[index].revents = 0 }
    }
}

extension BlockingThread {
    /// A thread of the rendezvous.
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
