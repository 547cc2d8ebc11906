import CLockstep
import Glibc
import Synchronization

/// Wakes the one thread that polls `reader`, from any other, until that thread closes it.
final class PollWake: Sendable {
    private struct Ends {
        var reader: Descriptor
        var writer: Descriptor
    }

    private let ends: Mutex<Ends?>

    init() throws(RendezvousError) {
        var reader: Int32 = -1
        var writer: Int32 = -1
        let result = lockstep_wake_pair(&reader, &writer)
        guard result == 0 else { throw .system(call: "pipe2", errno: -result) }
        ends = Mutex(
            Ends(reader: Descriptor(owning: reader), writer: Descriptor(owning: writer)))
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
