import LockstepTesting
import Testing

@testable import Lockstep
@testable import LockstepCoordination

@Suite("What a member holds that is cut off", .timeLimit(.minutes(2)))
struct CutOffTests {
    /// Nobody else may have what a silent member holds before that has given it up.
    @Test func isGivenUpBeforeOthersHaveIt() async throws {
        try await withCoordinations(of: 1) { _, nodes in
            let scopes = Scopes(patience: .milliseconds(50)) { [node = nodes[0]] in node.timeOutOfTouch }
            let ticket = Ticket(client: 1, number: 1)
            let running = Task {
                await code {
                    try await scopes.run(ticket, of: "x") { try await Task.sleep(for: .seconds(3600)) }
                }
            }
            // A node that has left is out of touch from then on.
            await nodes[0].leave()
            #expect(await running.value == .lost)
            #expect(nodes[0].timeOutOfTouch >= .milliseconds(50))
        }
    }

    /// Who is stopped sees nothing of that, and ends what it was at when it goes on.
    @Test func isNotBelievedToHaveKeptItIfNobodyCouldWatch() async throws {
        let time = Shared(Duration.zero)
        let scopes = Scopes(patience: .seconds(3600)) { time.withLock { $0 } }
        let ticket = Ticket(client: 1, number: 1)
        #expect(try await scopes.run(ticket, of: "x") { 5 } == 5)
        let failure = await code {
            try await scopes.run(ticket, of: "x") { time.withLock { $0 = .seconds(3600) } }
        }
        #expect(failure == .lost)
    }

    /// The members of a view without these, who held something.
    private func view(without gone: [View.Member], areSilent: Bool) -> GroupView? {
        let change = View.Change(
            time: Timestamp(nanoseconds: 0), joined: [], left: [], failed: areSilent ? [] : gone,
            silent: areSilent ? gone : [])
        let view = View(number: 2, members: [], rank: 0, change: change)
        return GroupView(view, [], former: Set(gone.map(\.incarnation)))
    }

    @Test(arguments: [true, false])
    func isKeptForAWhileIfItsHolderMayNotKnow(isSilent: Bool) async throws {
        var options = Coordination.Options()
        options.grace = .milliseconds(300)
        try await withCoordinations(of: 1, options) { coordinations, nodes in
            let group = coordinations[0].coordinator.group
            _ = try await coordinations[0].lock("x").acquire()
            let change = try #require(view(without: nodes[0].membership.view.members, areSilent: isSilent))
            let holders = try await group.channel.onReplica { replica in
                replica.note(change)
                return (replica as? ActorReplica<Coordinator>)?.actor.inIsolation { $0.standing(at: "lock/x").holders }
            }
            #expect(holders == (isSilent ? 1 : 0))
            try await nothingIsLeft(coordinations)
        }
    }

    @Test func needsTimeToBeKept() async throws {
        try await withCluster(of: 1) { nodes in
            var options = Coordination.Options()
            options.grace = .milliseconds(1)
            let failure = await code { [options] in _ = try await nodes[0].coordination(options) }
            #expect(failure == .invalid)
            // Nothing is left of that.
            _ = try await nodes[0].lock("x").withLock { $0 }
        }
    }
}
