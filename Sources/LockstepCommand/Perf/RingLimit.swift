import CLockstep
import Glibc
import LockstepFabric

/// How fast a bare ring is between these processes: the first member fills it, the others read it.
///
/// No order, no agreement, no headers: messages of one size, one counter of what was written and one of what each
/// reader has consumed. Counters move an eighth of the ring at a time.
struct RingLimit {
    private let words: BenchmarkWords
    private let messageSize: Int
    /// From message to message: whole words, so that none crosses a cache line.
    private let stride: Int
    private let start: Int
    /// Messages that the ring holds.
    private let capacity: UInt64
    private let batch: UInt64
    private let readers: [Mirror]

    init(_ words: BenchmarkWords, messageSize: Int) {
        self.words = words
        self.messageSize = messageSize
        stride = max(8, (messageSize + 7) & ~7)
        start = Int(words.get(.ringStart, of: 0))
        capacity = words.get(.ringSize, of: 0) / UInt64(stride)
        batch = max(1, capacity / 8)
        readers = (1..<words.memory.count).map { words.fabric.mirror(of: Peer($0)) }
    }

    /// Fills or reads the ring for a time.
    func run(part: UInt64, nanoseconds: Int64) -> (tally: Tally, nanoseconds: UInt64) {
        let start = lockstep_monotonic_ns()
        let tally = words.memory.rank == 0 ? write(until: start + nanoseconds, part) : read(part)
        return (tally, UInt64(lockstep_monotonic_ns() - start))
    }

    // MARK: - The writer

    private func write(until deadline: Int64, _ part: UInt64) -> Tally {
        var tally = Tally()
        let first = words.get(.written, of: 0)
        var written = first
        var limit = leastConsumed + capacity
        while lockstep_monotonic_ns() < deadline {
            if limit < written + batch {
                words.yieldThenSleep { leastConsumed + capacity >= written + batch }
                limit = leastConsumed + capacity
            }
            let run = run(from: written, to: written + batch)
            tally.sum &+= Payload.fill(
                words.fabric.region.bytes(run), messageSize: messageSize, stride: stride, firstNumber: written
            )
            written += UInt64(run.count / stride)
            words.fabric.push(run, to: words.others)
            words.set(.written, written)
            words.wake(words.others)
        }
        words.set(.ended, part)
        words.wake(words.others)
        words.yieldThenSleep { leastConsumed == written }
        tally.messages = written - first
        return tally
    }

    private var leastConsumed: UInt64 {
        let offset = words.memory.offset(of: .consumed)
        return readers.reduce(.max) { min($0, $1.loadAcquiring(offset)) }
    }

    // MARK: - A reader

    private func read(_ part: UInt64) -> Tally {
        var tally = Tally()
        let writer = words.fabric.mirror(of: Peer(0))
        let (writtenWord, endedWord) = (words.memory.offset(of: .written), words.memory.offset(of: .ended))
        let toWriter = PeerSet([Peer(0)])
        let first = words.get(.consumed, of: words.memory.rank)
        var consumed = first
        while true {
            // In this order: what was written before the end is seen with the end.
            let isOver = writer.loadAcquiring(endedWord) >= part
            let written = writer.loadAcquiring(writtenWord)
            if consumed == written {
                if isOver { break }
                words.yieldThenSleep {
                    writer.loadAcquiring(writtenWord) != consumed || writer.loadAcquiring(endedWord) >= part
                }
            }
            while consumed < written {
                let run = run(from: consumed, to: min(written, consumed + batch))
                tally.sum &+= Payload.sum(writer.bytes(run), messageSize: messageSize, stride: stride)
                consumed += UInt64(run.count / stride)
                words.set(.consumed, consumed)
                words.wake(toWriter)
            }
        }
        tally.messages = consumed - first
        return tally
    }

    // MARK: - Parts

    /// The bytes of messages, up to the end of the ring.
    private func run(from first: UInt64, to end: UInt64) -> Range<Int> {
        let place = first % capacity
        let count = min(end - first, capacity - place)
        let lower = start + Int(place) * stride
        return lower..<lower + Int(count) * stride
    }
}
