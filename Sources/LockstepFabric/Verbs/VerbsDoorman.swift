#if Verbs
    import CLockstep
    import Glibc

    /// Wakes the threads of a node when a peer's waking write has come: they sleep on words, and a device announces what it
    /// has at a descriptor.
    package final class VerbsDoorman: Sendable {
        let channel: VerbsHandle
        private let descriptor: Int32
        private let wakers: [FabricWaker]
        private let (leaving, leave): (Int32, Int32)

        init(_ device: VerbsHandle, own: SharedMemoryRegion) throws(FabricError) {
            (channel, descriptor) = try VerbsHandle.channel(on: device)
            wakers = FabricChannel.all(pollers: Strand.count).map { own.waker(of: $0) }
            var (reader, writer): (Int32, Int32) = (-1, -1)
            let result = lockstep_wake_pair(&reader, &writer)
            guard result == 0 else {
                throw .system(
                    "A pair of descriptors cannot be had", -result,
                    mend: "Raise the limit on open files of this process."
                )
            }
            (leaving, leave) = (reader, writer)
        }

        deinit {
            close(leaving)
            close(leave)
        }

        /// Wakes whoever is to be woken until ``end()``. It blocks: run it on a thread of its own.
        package func serve() {
            while true {
                var waits = [
                    pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                    pollfd(fd: leaving, events: Int16(POLLIN), revents: 0),
                ]
                guard poll(&waits, 2, -1) > 0 else { continue }
                if waits[1].revents != 0 { return }
                var tag: UInt64 = 0
                while lockstep_verbs_announced(channel.pointer, &tag) == 0 { wakers[Int(tag)].wake() }
            }
        }

        /// Makes ``serve()`` return, now or when it is called. The port does so when nobody holds it any more.
        package func end() {
            var byte: UInt8 = 0
            // A full pipe says so already.
            _ = write(leave, &byte, 1)
        }
    }
#endif
