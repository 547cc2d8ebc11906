import LockstepFabric
import LockstepProtocol
import Testing

@testable import Lockstep

@Suite("The members agree on who has which group")
struct CatalogueStateTests {
    private let place = ShardPlace(lines: 1 << 16, rings: 1 << 17, ringSize: 4096)

    private func view(_ number: UInt64, _ names: String, as name: Character) -> View {
        let members = names.enumerated().map { rank, name in
            View.Member(
                name: String(name), rank: rank, incarnation: UInt64(name.asciiValue ?? 0), processID: 1,
                regionSize: 1 << 20, peer: Peer(rank)
            )
        }
        return View(number: number, members: members, rank: members.firstIndex { $0.name == String(name) } ?? 0)
    }

    private func registration(_ methods: [ActorSchema.Method] = [], level: Int = 1) -> Registration {
        Registration(group: "g", schema: ActorSchema(type: "Ledger", level: level, methods: methods), place: place)
    }

    /// A group that all members of a view host.
    private func hosted(in view: View) -> CatalogueState {
        var state = CatalogueState()
        for member in view.members { _ = state.host(registration(), on: member, in: view) }
        return state
    }

    private func isAccepted(_ outcome: Registration.Outcome) -> Bool {
        if case .accepted = outcome { true } else { false }
    }

    @Test func aGroupBeginsWhenEveryMemberHostsIt() {
        let view = view(1, "abc", as: "b")
        var state = CatalogueState()
        for member in view.members {
            #expect(state.part(in: "g", of: view) == nil)
            #expect(isAccepted(state.host(registration(), on: member, in: view)))
        }
        let part = state.part(in: "g", of: view)
        #expect(part?.members.map(\.name) == ["a", "b", "c"])
        #expect(part?.layout.me == 1)
        #expect(part?.isWhole == true)
        #expect(state.missing(in: "g", of: view) == [])
    }

    @Test func itGoesOnWithoutThoseWhoAreGone() {
        let first = view(1, "abc", as: "c")
        var state = hosted(in: first)
        let second = view(2, "ac", as: "c")
        state.enter(second)
        let part = state.part(in: "g", of: second)
        #expect(part?.members.map(\.name) == ["a", "c"])
        #expect(part?.layout.me == 1)
        #expect(part?.isWhole == true)
    }

    @Test func itBeginsWithoutAMemberThatDiedBeforeItHostedIt() {
        let first = view(1, "abc", as: "a")
        var state = CatalogueState()
        for member in first.members.prefix(2) { _ = state.host(registration(), on: member, in: first) }
        #expect(state.missing(in: "g", of: first) == ["c"])
        let second = view(2, "ab", as: "a")
        state.enter(second)
        #expect(state.part(in: "g", of: second)?.members.count == 2)
    }

    @Test func whoComesLaterIsAReplicaFromTheNextViewOnAndHasToBeGivenTheState() {
        let first = view(1, "ab", as: "a")
        var state = hosted(in: first)
        let second = view(2, "abc", as: "c")
        state.enter(second)
        #expect(!state.wantsView(in: second))
        #expect(state.part(in: "g", of: view(2, "abc", as: "a"))?.members.count == 2)
        #expect(isAccepted(state.host(registration(), on: second.members[2], in: second)))
        #expect(state.wantsView(in: second))
        #expect(state.part(in: "g", of: second) == nil)

        let third = view(3, "abc", as: "c")
        state.enter(third)
        #expect(!state.wantsView(in: second))
        let part = state.part(in: "g", of: third)
        #expect(part?.members.count == 3)
        #expect(part?.isWhole == false)
        #expect(part?.sources.map(\.name) == ["a", "b"])

        state.noteRestored("g", on: third.members[2])
        #expect(state.part(in: "g", of: third)?.isWhole == true)
    }

    @Test func aStateThatNobodyHasAnyMoreIsLostAndDoesNotBeginAnew() {
        let first = view(1, "ab", as: "b")
        var state = hosted(in: first)
        let second = view(2, "abc", as: "c")
        state.enter(second)
        _ = state.host(registration(), on: second.members[2], in: second)
        state.enter(view(3, "abc", as: "c"))
        let last = view(4, "c", as: "c")
        state.enter(last)
        #expect(state.isLost("g"))
        #expect(state.part(in: "g", of: last) == nil)
        guard case .stateLost = state.host(registration(), on: last.members[0], in: last) else {
            Issue.record("a lost group must refuse a new host")
            return
        }
    }

    @Test func aMemberWithAnotherMethodIsToldWhyItCannotHost() {
        let view = view(1, "ab", as: "a")
        var state = CatalogueState()
        let method = { (kind: ActorSchema.Method.Kind) in
            ActorSchema.Method(number: 7, name: "run()", kind: kind, signature: ["Int"])
        }
        _ = state.host(registration([method(.update)]), on: view.members[0], in: view)
        guard case .differs(let why) = state.host(registration([method(.query)]), on: view.members[1], in: view) else {
            Issue.record("a query and an update of one name must differ")
            return
        }
        #expect(why.contains("run()"))
    }

    @Test func itsLevelIsTheLeastOfItsReplicasAndNeverFalls() {
        let first = view(1, "ab", as: "a")
        var state = CatalogueState()
        for (member, level) in zip(first.members, [2, 3]) {
            _ = state.host(registration(level: level), on: member, in: first)
        }
        #expect(state.part(in: "g", of: first)?.level == 2)

        let second = view(2, "bc", as: "b")
        state.enter(second)
        #expect(state.part(in: "g", of: second)?.level == 3)
        guard case .differs(let why) = state.host(registration(level: 2), on: second.members[1], in: second) else {
            Issue.record("a member of a lower level must be refused")
            return
        }
        #expect(why == "they are at level 3, and Ledger is of level 2 on c")
    }

    @Test func whoCannotReadTheStateOfANewerReleaseIsGivenThatOfAnOlderOne() {
        let first = view(1, "ab", as: "a")
        var state = CatalogueState()
        for (member, level) in zip(first.members, [2, 1]) {
            _ = state.host(registration(level: level), on: member, in: first)
        }
        let second = view(2, "abc", as: "c")
        state.enter(second)
        _ = state.host(registration(level: 1), on: second.members[2], in: second)
        let third = view(3, "abc", as: "c")
        state.enter(third)
        #expect(state.part(in: "g", of: third)?.level == 1)
        #expect(state.part(in: "g", of: third)?.sources.map(\.name) == ["b"])
    }

    @Test func itSurvivesTheWayToANewcomer() throws {
        let view = view(1, "ab", as: "b")
        let state = hosted(in: view)
        var bytes = CallArguments()
        try bytes.add(state)
        let copy = try bytes.bytes.withUnsafeBytes { payload in
            var reader = WireReader(payload)
            return try reader.read(CatalogueState.self)
        }
        #expect(copy.part(in: "g", of: view)?.bell == state.part(in: "g", of: view)?.bell)
    }
}
