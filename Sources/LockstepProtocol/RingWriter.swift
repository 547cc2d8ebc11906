import DequeModule
import LockstepFabric

/// The owner's side of a ring: the headers, in the order of the rounds, and which bytes may be used again.
///
/// Space is claimed in one order and committed in another. Headers are written in the order of commits, each behind
/// the last: claims in between that are still open are **passed**, with a header that makes readers step over them.
/// A claim that commits after it was passed is **late**: a header of its own, behind everything claimed, points to
/// it. So readers never look back, an open claim delays nobody, and its space is not used again before it ends.
struct RingWriter {
    private let region: Region
    private let ring: Range<Int>
    private let tag: ViewTag
    /// Bytes that have headers, and those of them that have been published.
    private var written: UInt64 = 0
    private var published: UInt64 = 0
    /// Up to here there is no padding that a message behind it does not vouch for.
    private var spokenBelow: UInt64 = 0
    /// False until the word that says that the ring is empty has been published, over whatever lay there before.
    private var isStartPublished = false
    /// Late payloads that have not been published.
    private var lateUnpublished: [Range<Int>] = []
    /// When a round has been released, everything below is free, but for the gaps.
    private var marks: Deque<Mark> = []
    private var markedBelow: UInt64 = 0
    private var releasedBelow: UInt64 = 0
    /// Passed claims that have not ended, or are late and not released.
    private var gaps: Deque<Gap> = []
    private var settledMessages = 0
    /// Readers step over the last padding when this round is filled.
    private var lastPaddingRound: UInt64 = 0

    private struct Mark {
        let end: UInt64
        let round: UInt64
    }

    private struct Gap {
        let start: UInt64
        let end: UInt64
        /// Bytes of it whose claims are open.
        var openBytes: UInt64
        /// The last round in it.
        var round: UInt64?
    }

    init(region: Region, ring: Range<Int>, tag: ViewTag) {
        self.region = region
        self.ring = ring
        self.tag = tag
        if !ring.isEmpty { region.store(0, at: ring.lowerBound) }
    }

    // MARK: - Headers

    /// Gives the messages of a claim their rounds, with one header for all; false if the claim was passed, so that
    /// each needs a header at another place.
    mutating func write(_ claim: Claim, round first: UInt64) -> Bool {
        guard claim.start >= written else { return false }
        pass(to: claim.start, round: first)
        let description = Record.describe(.messages, claim.payloadSize, number: claim.count)
        writeHeader(description, first, at: ring.lowerBound + place(written))
        markParts(of: claim, round: first)
        written = claim.end
        spokenBelow = written
        if written - markedBelow >= UInt64(ring.count / 64) { mark(first + UInt64(claim.count - 1)) }
        settledMessages += claim.count
        return true
    }

    /// A large record is freed part by part.
    private mutating func markParts(of claim: Claim, round first: UInt64) {
        let part = max(1, ring.count / 64 / max(1, claim.stride))
        for index in stride(from: part, to: claim.count, by: part) {
            spokenBelow = claim.start + UInt64((Record.headerSize + index * claim.stride) & ~15)
            mark(first + UInt64(index - 1))
        }
    }

    /// Gives the messages of a late claim their rounds.
    mutating func writeLate(_ claim: Claim, round first: UInt64, claims: inout RingClaims) {
        for index in 0..<claim.count {
            let round = first + UInt64(index)
            pass(to: claims.claimLateHeader(), round: round)
            let payload = claim.payload(index, in: ring)
            let start = payload.lowerBound - Record.headerSize - ring.lowerBound
            writeHeader(
                Record.describe(.late, claim.payloadSize, number: start), round, at: ring.lowerBound + place(written))
            written += UInt64(Record.headerSize)
            spokenBelow = written
            // Whole words travel.
            lateUnpublished.append(payload.lowerBound..<payload.lowerBound + claim.stride)
        }
        endInGap(claim, round: first + UInt64(claim.count) - 1)
    }

    /// Turns an abandoned claim into padding; `round` is the next one.
    mutating func abandon(_ claim: Claim, round: UInt64) {
        settledMessages += claim.count
        guard claim.start < claim.end else { return }
        if claim.start < written {
            endInGap(claim, round: nil)
        } else {
            pass(to: claim.start, round: round)
            pad(to: claim.end, round: round)
        }
    }

    /// Steps over claims that are open.
    private mutating func pass(to end: UInt64, round: UInt64) {
        guard written < end else { return }
        gaps.append(Gap(start: written, end: end, openBytes: end - written))
        pad(to: end, round: round)
    }

    private mutating func pad(to end: UInt64, round: UInt64) {
        lastPaddingRound = round
        while written < end {
            let size = min(Int(end - written), ring.count - place(written))
            let description = Record.describe(.padding, size - Record.headerSize)
            writeHeader(description, round, at: ring.lowerBound + place(written))
            written += UInt64(size)
        }
    }

    private mutating func endInGap(_ claim: Claim, round: UInt64?) {
        guard let index = gaps.firstIndex(where: { ($0.start..<$0.end).contains(claim.start) }) else {
            preconditionFailure("a late claim must lie in what was passed")
        }
        gaps[index].openBytes -= claim.end - claim.start
        gaps[index].round = round ?? gaps[index].round
    }

    @inline(__always)
    private func writeHeader(_ description: UInt64, _ round: UInt64, at offset: Int) {
        region.store(description, at: offset + 8)
        region.storeReleasing(Counter.pack(round, tag), at: offset)
    }

    // MARK: - Publishing

    /// Padding that no message vouches for yet: it is not released before one does, or a null.
    var trailingPadding: Int { Int(written - spokenBelow) }

    /// The ring is free up to the last message once this round, the message's own or a later one, is released.
    mutating func mark(_ round: UInt64) {
        guard spokenBelow > markedBelow else { return }
        marks.append(Mark(end: spokenBelow, round: round))
        markedBelow = spokenBelow
    }

    /// The padding behind the last message gets a round of its own, filled with nothing. Returns the round after it.
    mutating func vouchForPadding() -> UInt64 {
        spokenBelow = written
        mark(lastPaddingRound)
        return lastPaddingRound + 1
    }

    /// Pushes what was written since the last call, the word that says that nothing follows included: late payloads one
    /// by one, and at most two pieces.
    @inline(__always)
    mutating func publish(_ push: (Range<Int>) -> Void) {
        if !lateUnpublished.isEmpty {
            lateUnpublished.forEach(push)
            lateUnpublished.removeAll()
        }
        guard published < written || !isStartPublished else { return }
        region.store(0, at: ring.lowerBound + place(written))
        let start = place(published)
        let end = start + Int(written - published) + Record.headerSize
        (published, isStartPublished) = (written, true)
        push(ring.lowerBound + start..<ring.lowerBound + min(end, ring.count))
        if end > ring.count { push(ring.lowerBound..<ring.lowerBound + end - ring.count) }
    }

    // MARK: - Using space again

    /// Frees what all members have released, given how far that is in the total order.
    mutating func free(released: UInt64, of sender: Int, among senders: Int) {
        func isReleased(_ round: UInt64) -> Bool { round * UInt64(senders) + UInt64(sender) < released }
        while let mark = marks.first, isReleased(mark.round) {
            releasedBelow = mark.end
            marks.removeFirst()
        }
        while let gap = gaps.first, gap.openBytes == 0, gap.round.map(isReleased) ?? true, gap.end <= releasedBelow {
            gaps.removeFirst()
        }
    }

    /// What those who claim have to know, once.
    mutating func takeProgress() -> RingProgress {
        defer { settledMessages = 0 }
        let freed = gaps.first.map { min($0.start, releasedBelow) } ?? releasedBelow
        return RingProgress(settledMessages: settledMessages, freedBelow: freed)
    }

    private func place(_ absolute: UInt64) -> Int { Int(absolute & UInt64(ring.count - 1)) }
}
