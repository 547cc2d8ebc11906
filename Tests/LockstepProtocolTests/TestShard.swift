import LockstepFabric
import LockstepTesting

@testable import LockstepProtocol

/// A message as a member delivered it.
struct Delivered: Hashable {
    let sender: Int
    let position: UInt64
    let bytes: [UInt8]
}

/// One member of a shard, with the claims of its ring and what it has delivered.
final class TestMember {
    let memory: SimulatedMemory
    let ring: Range<Int>
    var core: OrderedMulticast
    var claims: RingClaims
    private(set) var delivered: [Delivered] = []
    /// How many messages it takes at once, nil for one by one.
    private let batchMax: Int?
    /// What the last turn has published.
    private(set) var publication = OrderedMulticast.Publication.nothing

    init(memory: SimulatedMemory, ring: Range<Int>, core: OrderedMulticast, batchMax: Int?) {
        self.memory = memory
        self.batchMax = batchMax
        self.ring = ring
        self.core = core
        claims = RingClaims(ringSize: ring.count)
    }

    /// The bytes of what was delivered, each message by its first.
    var firstBytes: [UInt8] { delivered.compactMap(\.bytes.first) }

    // MARK: - The program

    func claim(_ size: Int = 8, upTo count: Int = 1) -> Claim? { claims.claim(payloadSize: size, upTo: count) }

    /// Commits a claim with payloads of one byte value, rising from record to record.
    func commit(_ claim: Claim, _ byte: UInt8) {
        for index in 0..<claim.count {
            let payload = claim.payload(index, in: ring)
            Array(repeating: byte + UInt8(index), count: payload.count).withUnsafeBytes {
                memory.region.write($0, at: payload.lowerBound)
            }
        }
        claims.commit(claim)
    }

    /// False if there is no room.
    func post(_ byte: UInt8, size: Int = 8) -> Bool {
        guard let claim = claim(size) else { return false }
        commit(claim, byte)
        return true
    }

    // MARK: - The poller

    /// Gives rounds to what was committed.
    func send() {
        _ = takeProgress()
        var commits: [Commit] = []
        claims.take(into: &commits)
        for commit in commits {
            if !core.send(commit) { core.sendLate(commit, from: &claims) }
        }
    }

    /// Looks at what the others have done, and shows them what is new here; false if nothing is.
    @discardableResult
    func publish() -> Bool {
        core.observe()
        publication = core.publish { _ in }
        return publication != .nothing
    }

    func completesStability() -> Bool { core.completesStability() }

    /// Tells those who claim what became of the ring.
    func takeProgress() -> RingProgress {
        let progress = core.takeProgress()
        claims.settle(progress)
        return progress
    }

    /// Delivers what there is; false if there is nothing.
    @discardableResult
    func deliver() throws -> Bool {
        let before = delivered.count
        if let batchMax {
            try withUnsafeTemporaryAllocation(of: OrderedMulticast.Message.self, capacity: batchMax) { messages in
                while case let count = try core.take(into: messages), count > 0 {
                    for message in messages[..<count] { note(message) }
                }
            }
        } else {
            while let message = try core.next() { note(message) }
        }
        return delivered.count > before
    }

    private func note(_ message: OrderedMulticast.Message) {
        delivered.append(
            Delivered(sender: message.sender, position: message.position, bytes: Array(message.payload)))
    }

    /// A whole turn; false if there was nothing to do.
    @discardableResult
    func turn() throws -> Bool {
        send()
        let hasPublished = publish()
        let hasDelivered = try deliver()
        return hasPublished || hasDelivered || owesRelease
    }

    var owesRelease: Bool { core.owesRelease }
}

/// The members of a shard that see each other's memory at once; a ring of 0 bytes makes one that does not send.
///
/// They take messages one by one, or in batches of so many at most.
struct TestShard {
    let members: [TestMember]

    init(
        rings: [Int], delivery: OrderedMulticast.DeliveryOrder = .total, nullWindow: UInt64 = 32,
        positionMax: UInt64 = OrderedMulticast.positionMax, batches: [Int?] = [nil]
    ) {
        let memories = rings.map { SimulatedMemory(size: Line.size + $0) }
        let places = rings.enumerated().map { place, size in
            ShardLayout.Member(peer: Peer(place), line: 0, ring: Line.size..<Line.size + size)
        }
        members = rings.indices.map { place in
            let core = OrderedMulticast(
                layout: ShardLayout(view: 1, members: places, me: place), region: memories[place].region,
                mirrors: memories.map(\.mirror), delivery: delivery, nullWindow: nullWindow,
                positionMax: positionMax
            )
            return TestMember(
                memory: memories[place], ring: places[place].ring, core: core, batchMax: batches[place % batches.count]
            )
        }
    }

    subscript(place: Int) -> TestMember { members[place] }

    /// Turns of all members until nobody has anything to do.
    func settle() throws {
        for _ in 0..<10_000 {
            let hasWorked = try members.map { try $0.turn() }
            if !hasWorked.contains(true) { return }
        }
        throw Restless()
    }

    struct Restless: Error {}
}
