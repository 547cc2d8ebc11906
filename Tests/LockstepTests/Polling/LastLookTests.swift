import LockstepFabric
import LockstepTesting
import Synchronization
import Testing

@testable import Lockstep
@testable import LockstepProtocol

/// The memory of a node and of one peer that does what the test says, whenever the node is about to sleep.
private final class ScriptedFabric: Fabric {
    private let own: SharedMemoryRegion
    private let peer: SimulatedMemory
    private let poller: Poller
    private let log: Log
    private var bells: [Int] = []
    private var line = Catalogue.layout(of: twoMembers).members[1].line

    /// What the peer does, one step each time that the node is about to sleep.
    enum Step: CaseIterable {
        case receive, release
    }

    /// What came of it.
    struct Log: Sendable {
        let steps = Box([Step]())
        /// How often the node was told to sleep on work.
        let mistakes = Box(0)

        final class Box<Value: Sendable>: Sendable {
            let value: Mutex<Value>
            init(_ value: Value) { self.value = Mutex(value) }
        }
    }

    init(_ own: SharedMemoryRegion, poller: Poller, log: Log) {
        (self.own, self.poller, self.log) = (own, poller, log)
        peer = SimulatedMemory(size: own.region.size)
    }

    var region: Region { own.region }
    func mirror(of peer: Peer) -> Mirror { peer.index == 0 ? own.region.mirror : self.peer.mirror }
    func push(_ range: Range<Int>, to peers: PeerSet, on strand: Int) {}
    func notify(_ peers: PeerSet, of bell: Int, on strand: Int, wakingWhen isNeeded: () -> Bool) {}

    func takeBells(_ body: (Int) -> Void) {
        for bell in bells { body(bell) }
        bells = []
    }

    func park(until deadline: @autoclosure () -> Int64?, unless hasWork: () -> Bool) {
        let step = log.steps.value.withLock { steps in
            let step = Step.allCases.dropFirst(steps.count).first
            if let step { steps.append(step) }
            return step
        }
        if let step { take(step) }
        // The poller is awake while this looks, so nobody else leaves work without waking it.
        if !hasWork() && poller.isWorkLeft { log.mistakes.value.withLock { $0 += 1 } }
    }

    /// The peer fills its rounds and holds everything; then it needs no message any more.
    private func take(_ step: Step) {
        let rounds: UInt64 = 1 << 20
        let tag = ViewTag(view: twoMembers.number)
        switch step {
        case .receive:
            peer.region.storeReleasing(Counter.pack(rounds, tag), at: line + Line.sent)
            peer.region.storeReleasing(Counter.pack(2 * rounds, tag), at: line + Line.received)
        case .release:
            peer.region.storeReleasing(Counter.pack(2 * rounds, tag), at: line + Line.released)
        }
        bells = [Catalogue.bell]
    }
}

/// The membership of a view that never changes.
private struct FixedView: MembershipPort {
    func requestView(in view: UInt64) {}
    func noteCatalogue(in view: UInt64) {}
    func requestState(of group: GroupID, from sources: [View.Member], shard: Int, in view: UInt64) {}
    func transfer(to shard: Int) -> StateProgress? { nil }

    func giveUp(_ error: LockstepError) {}
}

private let twoMembers = View(
    number: 1,
    members: [
        View.Member(name: "a", rank: 0, incarnation: 1, processID: 1, regionSize: 1 << 20, peer: Peer(0)),
        View.Member(name: "b", rank: 1, incarnation: 2, processID: 2, regionSize: 1 << 20, peer: Peer(1)),
    ],
    rank: 0
)

@Suite("The last look before a poller sleeps", .timeLimit(.minutes(1)))
struct LastLookTests {
    /// A task on the poller gets room in the ring in the very turn that otherwise finds nothing to do.
    @Test func findsTheTaskThatItHasGivenRoom() async throws {
        let region = try SharedMemoryRegion(name: "last-look", size: 1 << 20)
        #expect(try ShardPlace.allocate(in: region, ringSize: Catalogue.ringSize) == .catalogue)
        let poller = Poller(waker: region.waker())
        let queue = SendQueue(
            group: Catalogue.group, shard: Catalogue.shard, ringSize: Catalogue.ringSize, poller: poller,
            region: region
        )
        let log = ScriptedFabric.Log()
        let task = Task(executorPreference: PollerTasks(poller)) {
            while let space = try queue.claimNow(1000, upTo: 1) { try queue.commit(space) }
            let space = try await queue.waitForSpace(1000, upTo: 1, deadline: .max)
            queue.withdraw(space, from: 0)
        }
        try poller.start(on: ScriptedFabric(region, poller: poller, log: log)) { poller, fabric in
            PollerLoop(
                poller: poller, fabric: fabric, view: twoMembers,
                catalogue: Catalogue(view: twoMembers, isWhole: true, poller: poller, logger: LogLines().logger),
                catalogueQueue: queue, membership: FixedView()
            )
        }
        try await task.value
        poller.run { $0.stop(because: CallChannel.hasLeft) }
        #expect(log.steps.value.withLock { $0 } == ScriptedFabric.Step.allCases)
        #expect(log.mistakes.value.withLock { $0 } == 0)
    }
}
