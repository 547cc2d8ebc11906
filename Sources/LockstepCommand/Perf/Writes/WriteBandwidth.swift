import CLockstep
import LockstepFabric

/// How many bytes a second one member can write to another: large writes, as many on their way as there are places.
///
/// Where something moves them, the bytes stay the same but for a number at the end of each write, as perftest does it.
/// Where memory is shared, to fill and to read them is all that there is to measure.
struct WriteBandwidth {
    private let words: BenchmarkWords
    private let setup: WriteSetup
    private let start: Int
    private let slots: UInt64
    private let batch: UInt64
    private let peer: Peer
    private let other: PeerSet

    /// - Parameter start: Where the places begin, in the region of each member.
    init(_ words: BenchmarkWords, _ setup: WriteSetup, at start: Int) {
        (self.words, self.setup, self.start) = (words, setup, start)
        (slots, batch) = (UInt64(setup.slots), UInt64(setup.batch))
        peer = Peer(1 - words.memory.rank)
        other = PeerSet([peer])
    }

    /// Writes or reads for a time: what was written or seen, and how long that took the one that writes.
    func run(part: UInt64, nanoseconds: Int64) -> (tally: Tally, nanoseconds: UInt64) {
        let start = lockstep_monotonic_ns()
        let tally = words.memory.rank == 0 ? write(until: start + nanoseconds, part) : read(part)
        return (tally, UInt64(lockstep_monotonic_ns() - start))
    }

    // MARK: - The one that writes

    private func write(until deadline: Int64, _ part: UInt64) -> Tally {
        let (consumed, mirror) = (words.memory.offset(of: .consumed), words.fabric.mirror(of: peer))
        let first = words.get(.written, of: 0)
        var tally = Tally()
        var written = first
        while lockstep_monotonic_ns() < deadline {
            words.yieldThenSleep { mirror.loadAcquiring(consumed) + slots >= written + batch }
            for _ in 0..<batch {
                written += 1
                tally.add(Tally(messages: 1, sum: fill(written)))
                words.fabric.push(slot(written), to: other)
            }
            words.set(.written, written)
            words.wake(other)
        }
        words.set(.ended, part)
        words.wake(other)
        words.yieldThenSleep { mirror.loadAcquiring(consumed) == written }
        return tally
    }

    /// Makes a write differ from all before, and gives what its reader must find.
    private func fill(_ number: UInt64) -> UInt64 {
        let slot = slot(number)
        guard setup.fabric == .sharedMemory else {
            words.fabric.region.storeReleasing(number, at: slot.upperBound - 8)
            return number
        }
        let bytes = words.fabric.region.bytes(slot)
        return Payload.fill(bytes, messageSize: bytes.count, stride: bytes.count, firstNumber: number)
    }

    // MARK: - The one that is written to

    private func read(_ part: UInt64) -> Tally {
        let (writtenWord, endedWord) = (words.memory.offset(of: .written), words.memory.offset(of: .ended))
        let mirror = words.fabric.mirror(of: peer)
        var consumed = words.get(.consumed, of: 1)
        var tally = Tally()
        while true {
            // In this order: what was written before the end is seen with the end.
            let isOver = mirror.loadAcquiring(endedWord) >= part
            let written = mirror.loadAcquiring(writtenWord)
            if consumed == written {
                if isOver { return tally }
                words.yieldThenSleep {
                    mirror.loadAcquiring(writtenWord) != consumed || mirror.loadAcquiring(endedWord) >= part
                }
            }
            while consumed < written {
                consumed += 1
                tally.add(Tally(messages: 1, sum: sum(consumed, in: mirror)))
            }
            words.set(.consumed, consumed)
            words.wake(other)
        }
    }

    private func sum(_ number: UInt64, in mirror: Mirror) -> UInt64 {
        let slot = slot(number)
        guard setup.fabric == .sharedMemory else { return mirror.loadAcquiring(slot.upperBound - 8) }
        let bytes = mirror.bytes(slot)
        return Payload.sum(bytes, messageSize: bytes.count, stride: bytes.count)
    }

    /// The place of a write, counted from 1.
    private func slot(_ number: UInt64) -> Range<Int> {
        let lower = start + Int(number % slots) * setup.bulkSize
        return lower..<lower + setup.bulkSize
    }
}
