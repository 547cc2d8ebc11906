import LockstepFabric
import LockstepTesting
import Testing

@testable import LockstepProtocol

/// Both ends of a ring and its claims, in the memory of one process.
final class TestRing {
    let memory: SimulatedMemory
    let range: Range<Int>
    var claims: RingClaims
    var writer: RingWriter
    var reader: RingReader
    private let tag = ViewTag(view: 3)

    /// The ring begins at 64, behind nothing, and 64 bytes follow it.
    init(size: Int = Record.ringSizeMin) {
        memory = SimulatedMemory(size: 64 + size + 64)
        range = 64..<64 + size
        claims = RingClaims(ringSize: size)
        writer = RingWriter(region: memory.region, ring: range, tag: tag)
        reader = RingReader(mirror: memory.mirror, ring: range, tag: tag)
    }

    func reader(view: UInt64) -> RingReader {
        RingReader(mirror: memory.mirror, ring: range, tag: ViewTag(view: view))
    }

    func claim(_ payloadSize: Int, upTo count: Int = 1) -> Claim? {
        claims.claim(payloadSize: payloadSize, upTo: count)
    }

    /// Commits a claim, whatever is in it; returns the number of its first message.
    func commit(_ claim: Claim) -> UInt64 { claims.commit(claim) }

    /// Writes the payloads of a claim as those of the rounds from one on.
    func fill(_ claim: Claim, _ round: UInt64) {
        for index in 0..<claim.count {
            filler(claim.payloadSize, round + UInt64(index)).withUnsafeBytes {
                memory.region.write($0, at: claim.payload(index, in: range).lowerBound)
            }
        }
    }

    /// Commits a claim that was filled.
    func commit(_ claim: Claim, _ round: UInt64) {
        fill(claim, round)
        claims.commit(claim)
    }

    /// Gives rounds to what was committed; returns the round after them.
    @discardableResult
    func send(from first: UInt64) -> UInt64 {
        var (commits, round): ([Commit], UInt64) = ([], first)
        claims.take(into: &commits)
        for commit in commits {
            if commit.isAbandoned {
                writer.abandon(commit.claim, round: round)
                continue
            }
            if !writer.write(commit.claim, round: round) {
                writer.writeLate(commit.claim, round: round, claims: &claims)
            }
            round += UInt64(commit.claim.count)
        }
        return round
    }

    /// Claims, fills and sends one message; false if there is no room.
    func append(_ size: Int, _ round: UInt64) -> Bool {
        guard let claim = claim(size) else { return false }
        commit(claim, round)
        send(from: round)
        return true
    }

    /// All members have released the rounds below one.
    func release(below round: UInt64) {
        writer.free(released: round, of: 0, among: 1)
        settle()
    }

    func settle() { claims.settle(writer.takeProgress()) }

    /// The pieces to be pushed.
    func publish() -> [Range<Int>] {
        var pieces: [Range<Int>] = []
        writer.publish { pieces.append($0) }
        return pieces
    }

    /// Reads on: the rounds found, whose bytes must be theirs.
    func rounds(below sent: UInt64) throws -> [UInt64] {
        var rounds: [UInt64] = []
        while let round = try reader.nextRound(below: sent) {
            #expect(reader.take().allSatisfy { $0 == UInt8(truncatingIfNeeded: round + 1) })
            rounds.append(round)
        }
        return rounds
    }
}

extension RingReader {
    /// The bytes of the next message.
    mutating func take() -> [UInt8] {
        var bytes: [UInt8] = []
        _ = take(upTo: 1) { bytes = Array($0) }
        return bytes
    }
}

func filler(_ size: Int, _ round: UInt64) -> [UInt8] {
    Array(repeating: UInt8(truncatingIfNeeded: round + 1), count: size)
}
