import CLockstep
import Glibc

/// Many descriptors of which the kernel tells which have something: poll looks at each of them, each time. It
/// belongs to one thread.
final class ReadySet {
    private let descriptor: Descriptor
    /// What is wanted now, by key.
    private var watched: [UInt64: Watched] = [:]
    private var keys = [UInt64](repeating: 0, count: 64)

    init() throws(RendezvousError) {
        descriptor = try Descriptor(lockstep_ready_make(), of: "epoll_create1")
    }

    /// From now on waits for what `wanted` says, and calls it `key`; not any more for what was wanted under that key.
    /// Before a descriptor is closed, nothing must be wanted of it. False if the kernel has no room.
    func watch(_ wanted: Watched?, as key: UInt64) -> Bool {
        let former = watched[key]
        guard wanted != former else { return true }
        watched[key] = wanted
        if let former, former.number != wanted?.number {
            _ = lockstep_ready_watch(descriptor.number, former.number, 0, key)
        }
        guard let wanted else { return true }
        return lockstep_ready_watch(descriptor.number, wanted.number, wanted.events, key) == 0
    }

    /// Sleeps until one of the descriptors has something or the deadline passes, and returns the keys of some that have.
    func wait(until deadline: Int64?) -> ArraySlice<UInt64> {
        let count = lockstep_ready_wait(descriptor.number, &keys, Int32(keys.count), milliseconds(until: deadline))
        // Whatever keeps it from waiting must not become a busy loop.
        if count < 0, count != -EINTR { usleep(10_000) }
        return keys.prefix(max(0, Int(count)))
    }

    /// What is wanted of a descriptor.
    struct Watched: Equatable {
        let number: Int32
        let events: UInt32

        /// The same as poll is asked for; nil if it is asked for nothing.
        init?(_ polled: pollfd) {
            guard polled.fd >= 0, polled.events > 0 else { return nil }
            (number, events) = (polled.fd, UInt32(polled.events))
        }
    }
}
