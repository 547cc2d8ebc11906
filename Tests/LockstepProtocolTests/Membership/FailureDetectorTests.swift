import LockstepFabric
import LockstepTesting
import Testing

@testable import LockstepProtocol

@Suite
struct FailureDetectorTests {
    /// A node and its only peer, whose row is written by hand.
    private final class Pair {
        let layout = MembershipLayout(start: 0)
        let memory: SimulatedMemory
        let peer = MemberRecord(peer: Peer(1), incarnation: 7)
        private var detector: FailureDetector
        private var now: Int64 = 0

        init(grace: Int64) {
            memory = SimulatedMemory(size: layout.size)
            let settings = MembershipSettings(timeout: 100, heartbeatInterval: 10, backoff: 5, grace: grace)
            detector = FailureDetector(me: Peer(0), settings: settings, rules: .all, now: 0)
            connect()
        }

        func connect() {
            let row = MembershipRow(layout: layout, mirror: memory.mirror)
            detector.connect(peer.peer, incarnation: peer.incarnation, row)
        }

        func bury() { detector.bury(peer.peer, incarnation: peer.incarnation) }

        func excuse() { detector.excuse(peer.peer, incarnation: peer.incarnation) }

        func overdue(at time: Int64) -> PeerSet { detector.overdue(at: time) }

        /// Lets time pass, and says whether the peer is heard then.
        func isHeard(at time: Int64) -> Bool {
            while now < time {
                now += 10
                detector.advance(to: now)
            }
            return detector.hears(peer)
        }

        func echo(_ heartbeat: UInt64) {
            memory.region.store(Echo(heartbeat, isGrant: false).word, at: layout.echo(of: Peer(0)))
        }
    }

    @Test
    func whoEchoesNothingIsSilentAfterTheTimeout() {
        let pair = Pair(grace: 0)
        #expect(pair.isHeard(at: 100))
        #expect(!pair.isHeard(at: 110))
        pair.echo(100)
        #expect(pair.isHeard(at: 200))
        #expect(!pair.isHeard(at: 210))
    }

    @Test
    func whoHasJustBeenConnectedIsGivenTime() {
        let pair = Pair(grace: 1_000)
        #expect(pair.isHeard(at: 1_100))
        #expect(!pair.isHeard(at: 1_110))
    }

    @Test
    func whoHasBegunIsGivenNoMoreTimeThanOthers() {
        let pair = Pair(grace: 1_000)
        pair.echo(50)
        #expect(pair.isHeard(at: 150))
        #expect(!pair.isHeard(at: 160))
        pair.connect()
        #expect(!pair.isHeard(at: 170))
    }

    @Test
    func theDeadAreNeverHeardAgain() {
        let pair = Pair(grace: 0)
        pair.bury()
        pair.connect()
        #expect(!pair.isHeard(at: 10))
    }

    @Test
    func whoGetsNoProcessorIsExcusedAsLongAsThatIsSaid() {
        let pair = Pair(grace: 0)
        #expect(pair.isHeard(at: 100) && pair.overdue(at: 100).isEmpty)
        #expect(pair.overdue(at: 110) == PeerSet([Peer(1)]))
        pair.excuse()
        #expect(pair.isHeard(at: 120))
        #expect(!pair.isHeard(at: 130))
    }

    @Test
    func whoNeverGetsAProcessorIsSilentInTheEnd() {
        let pair = Pair(grace: 0)
        #expect(pair.isHeard(at: 100))
        for time in stride(from: Int64(110), through: 2_000, by: 10) {
            #expect(pair.overdue(at: time) == PeerSet([Peer(1)]))
            pair.excuse()
            #expect(pair.isHeard(at: time))
        }
        #expect(pair.overdue(at: 2_010).isEmpty)
        pair.excuse()
        #expect(!pair.isHeard(at: 2_010))
    }

    @Test
    func noExcuseBringsTheDeadBack() {
        let pair = Pair(grace: 0)
        pair.bury()
        #expect(pair.overdue(at: 200).isEmpty)
        pair.excuse()
        #expect(!pair.isHeard(at: 10))
    }
}
