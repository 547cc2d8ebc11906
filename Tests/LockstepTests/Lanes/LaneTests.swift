import LockstepProtocol
import Synchronization
import Testing

@testable import Lockstep

/// Blocks at each message until the latch opens.
private final class Recorder: LaneRunner {
    private let latch: Latch
    private let positions: Positions
    let updates: UInt64 = 0

    init(_ latch: Latch, _ positions: Positions) {
        self.latch = latch
        self.positions = positions
    }

    func run(_ message: OrderedMulticast.Message, _ waiting: InFlight?) {
        latch.pass()
        positions.all.withLock { $0.append(message.position) }
    }

    func answer(_ queries: [OutgoingQuery]) {}
}

private final class Positions: Sendable {
    let all = Mutex<[UInt64]>([])
    let roomsTold = Atomic<Int>(0)
}

@Suite("A lane", .timeLimit(.minutes(1)))
struct LaneTests {
    private func message(_ position: UInt64, _ byteCount: Int) -> Lane.Message {
        Lane.Message(
            kept: KeptMessage(sender: 0, position: position, payload: Array(repeating: 0, count: byteCount)),
            waiting: nil)
    }

    private func makeLane(_ latch: Latch, _ positions: Positions, backlogMax: Int) throws -> Lane {
        let lane = Lane(backlogMax: backlogMax) { positions.roomsTold.wrappingAdd(1, ordering: .relaxed) }
        try lane.start()
        lane.host { Recorder(latch, positions) }
        return lane
    }

    /// Waits until everything before has run.
    private func settle(_ lane: Lane) async {
        await withCheckedContinuation { done in lane.inspect { _ in done.resume() } }
    }

    @Test func isFullAtItsBoundAndTellsWhenThereIsRoomAgain() async throws {
        let (latch, positions) = (Latch.named(#function), Positions())
        let lane = try makeLane(latch, positions, backlogMax: 300)
        lane.put(message(0, 36))
        await latch.waitForArrivals(1)
        // The first is not in the backlog any more.
        #expect(lane.room() == 300)
        for position in 1...3 { #expect(lane.put(message(UInt64(position), 36)) == 100) }
        #expect(lane.room() == nil)
        #expect(positions.roomsTold.load(ordering: .relaxed) == 0)
        latch.open()
        await settle(lane)
        #expect(positions.roomsTold.load(ordering: .relaxed) == 1)
        #expect(lane.room() == 300)
        #expect(positions.all.withLock { $0 } == [0, 1, 2, 3])
        lane.end()
    }

    @Test func dropsWhatWaitsWhenItEndsAndAnswersAllTheSame() async throws {
        let (latch, positions) = (Latch.named(#function), Positions())
        let lane = try makeLane(latch, positions, backlogMax: 300)
        for position in 0..<3 { lane.put(message(UInt64(position), 0)) }
        await latch.waitForArrivals(1)
        lane.end()
        lane.put(message(3, 0))
        latch.open()
        await settle(lane)
        #expect(positions.all.withLock { $0 } == [0])
        let isGone = await withCheckedContinuation { answer in lane.inspect { answer.resume(returning: $0 == nil) } }
        #expect(isGone)
    }

    @Test func keepsNothingAliveAfterItsEnd() async throws {
        weak var weakLane: Lane?
        do {
            let lane = try makeLane(Latch.named(#function), Positions(), backlogMax: 300)
            weakLane = lane
            lane.end()
        }
        while weakLane != nil { await Task.yield() }
    }
}
