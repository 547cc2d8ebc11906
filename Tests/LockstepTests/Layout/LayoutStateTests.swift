import LockstepFabric
import LockstepProtocol
import Testing

@testable import Lockstep

@Suite("The members agree on the layout of a group")
struct LayoutStateTests {
    private let place = ShardPlace(lines: 1 << 16, rings: 1 << 17, ringSize: 4096)
    private let custom = GroupLayout.custom("mine") { _ in [] }

    /// A view of nodes that are named by letters; those in capitals are witnesses.
    private func view(_ number: UInt64, _ names: String, as name: Character = "a") -> View {
        let members = names.enumerated().map { rank, name in
            View.Member(
                name: String(name), rank: rank, incarnation: UInt64(name.asciiValue ?? 0), processID: 1,
                traits: NodeTraits(name.isUppercase ? .witness : .member, ["host": "h\(name)"]),
                regionSize: 1 << 20, peer: Peer(rank)
            )
        }
        return View(number: number, members: members, rank: members.firstIndex { $0.name == String(name) } ?? 0)
    }

    private func registration(_ layout: GroupLayout, hasState: Bool = true) -> Registration {
        Registration(
            group: "g", schema: ActorSchema(type: "Ledger", methods: []), plan: layout.plan, hasState: hasState,
            place: place
        )
    }

    /// A group that all members of a view host, witnesses aside.
    private func hosted(_ layout: GroupLayout, in view: View, hasState: Bool = true) -> CatalogueState {
        var state = CatalogueState()
        for member in view.members where member.role.hosts {
            _ = state.host(registration(layout, hasState: hasState), on: member, in: view)
        }
        return state
    }

    private func replicas(_ state: CatalogueState, _ view: View) -> String {
        let layout = state.layout(of: "g", in: view)
        return "\(layout?.replicas.joined() ?? "")+\(layout?.restoring.joined() ?? "")"
    }

    /// What the functions of members give.
    private func answer(_ state: inout CatalogueState, _ answers: [Character: String], in view: View) {
        for member in view.members {
            guard let answer = answers[Character(member.name)],
                let question = state.layoutQuestion(
                    of: "g", in: View(number: view.number, members: view.members, rank: member.rank))
            else { continue }
            let nodes = answer.map { UInt64($0.asciiValue ?? 0) }.sorted()
            state.note(
                answer == "!" ? .failed("no disk") : .replicas(nodes), for: "g", to: question.number, on: member,
                in: view
            )
        }
    }

    @Test func othersAreSpares() {
        let view = view(1, "abcd", as: "d")
        let state = hosted(.replicas(3), in: view)
        #expect(replicas(state, view) == "abc+")
        #expect(state.layout(of: "g", in: view)?.spares == ["d"])
        #expect(state.part(in: "g", of: view) == nil)
        #expect(state.replicasElsewhere(of: "g", in: view) == ["a", "b", "c"])
        #expect(!state.wantsView(in: view))
    }

    @Test func aSpareInheritsFromTheDead() {
        var state = hosted(.replicas(2), in: view(1, "abc"))
        let second = view(2, "bc", as: "c")
        state.enter(second)
        #expect(replicas(state, second) == "b+c")
        #expect(state.part(in: "g", of: second)?.isWhole == false)
        #expect(state.part(in: "g", of: second)?.sources.map(\.name) == ["b"])
    }

    @Test func witnessesAreNotWaitedFor() {
        let view = view(1, "abW")
        let state = hosted(.everyone, in: view)
        #expect(replicas(state, view) == "ab+")
        #expect(state.missing(in: "g", of: view).isEmpty)
    }

    @Test func aGroupOfThoseWhoAreGoneBeginsWithTheNextWhoHostIt() {
        let first = view(1, "abW", as: "a")
        var state = CatalogueState()
        _ = state.host(registration(.everyone), on: first.members[0], in: first)
        state.enter(view(2, "W", as: "W"))
        #expect(!state.isLost("g"))
        let third = view(3, "Wc", as: "c")
        state.enter(third)
        _ = state.host(registration(.everyone), on: third.members[1], in: third)
        #expect(replicas(state, third) == "c+")
    }

    @Test func tooFewSuspendAndEnoughResumeIt() {
        var state = hosted(.replicas(3), in: view(1, "abc"))
        #expect(state.suspension(of: "g") == nil)
        let second = view(2, "b", as: "b")
        state.enter(second)
        #expect(state.suspension(of: "g")?.contains("at least 2 replicas") == true)
        // The replica takes part in the view all the same, and keeps the state.
        #expect(state.part(in: "g", of: second)?.isWhole == true)

        let third = view(3, "bd", as: "b")
        state.enter(third)
        #expect(state.suspension(of: "g") != nil)
        _ = state.host(registration(.replicas(3)), on: third.members[1], in: third)
        #expect(state.wantsView(in: third))
        state.enter(view(4, "bd", as: "b"))
        #expect(state.suspension(of: "g") == nil)
        #expect(replicas(state, view(4, "bd")) == "b+d")
    }

    @Test func anotherLayoutIsRefused() {
        let view = view(1, "ab")
        var state = CatalogueState()
        _ = state.host(registration(.replicas(2)), on: view.members[0], in: view)
        let outcome = state.host(registration(.everyone), on: view.members[1], in: view)
        guard case .layoutDiffers("2 replicas, at least 2") = outcome else { Issue.record("\(outcome)"); return }
        #expect(state.missing(in: "g", of: view) == ["b"])
    }

    @Test func whoNeedsNoStateIsWholeAtOnce() {
        var state = hosted(.replicas(1), in: view(1, "ab"), hasState: false)
        let second = view(2, "b", as: "b")
        state.enter(second)
        // The only one that had been whole is gone.
        #expect(state.isLost("g"))
        state = hosted(.replicas(2), in: view(1, "abc"), hasState: false)
        state.enter(view(2, "bc", as: "c"))
        state.enter(view(3, "c", as: "c"))
        #expect(!state.isLost("g"))
    }

    // MARK: - Leaving

    @Test func whoLeavesWaitsForItsHeirs() {
        let first = view(1, "ab")
        var state = hosted(.replicas(1), in: first)
        #expect(!state.mayLeave(first))
        state.noteLeaving(first.members[0])
        #expect(!state.mayLeave(first))
        #expect(state.wantsView(in: first))
        let second = view(2, "ab")
        state.enter(second)
        #expect(replicas(state, second) == "a+b")
        #expect(!state.mayLeave(second))
        state.noteRestored("g", on: second.members[1])
        #expect(state.mayLeave(second))
        #expect(state.mayLeave(view(2, "ab", as: "b")))
        state.enter(view(3, "b", as: "b"))
        #expect(replicas(state, view(3, "b", as: "b")) == "b+")
    }

    @Test func whoLeavesDoesNotWaitWhereNobodyStays() {
        let view = view(1, "ab")
        var state = hosted(.everyone, in: view)
        for member in view.members { state.noteLeaving(member) }
        #expect(state.mayLeave(view))
    }

    // MARK: - Layouts of a user's own

    @Test func whatAllFunctionsGiveCounts() {
        let first = view(1, "abc")
        var state = hosted(custom, in: first)
        #expect(state.part(in: "g", of: first) == nil)
        answer(&state, ["a": "bc", "b": "cb"], in: first)
        #expect(state.part(in: "g", of: first) == nil)
        answer(&state, ["c": "bc"], in: first)
        #expect(replicas(state, first) == "bc+")
        #expect(state.suspension(of: "g") == nil)

        // In the next view they are asked again, and meanwhile calls wait.
        let second = view(2, "abc")
        state.enter(second)
        #expect(state.suspension(of: "g") != nil)
        answer(&state, ["a": "ac", "b": "ac", "c": "ac"], in: second)
        #expect(state.wantsView(in: second))
        let third = view(3, "abc")
        state.enter(third)
        #expect(replicas(state, third) == "c+a")
        answer(&state, ["a": "ac", "b": "ac", "c": "ac"], in: third)
        #expect(state.suspension(of: "g") == nil)
        #expect(!state.wantsView(in: third))
    }

    @Test(arguments: [
        (["a": "ab", "b": "b"] as [Character: String], "gave [a, b] on a, and [b] on b"),
        (["a": "ab", "b": "!"], "failed on b: no disk"), (["a": "", "b": ""], "gave no replicas"),
        (["a": "az", "b": "az"], "nodes that do not host the group"),
    ])
    func functionsThatDoNotAgreeSuspendIt(answers: [Character: String], reason: String) {
        let first = view(1, "ab")
        var state = hosted(custom, in: first)
        answer(&state, answers, in: first)
        #expect(state.suspension(of: "g")?.contains(reason) == true)
        #expect(state.part(in: "g", of: first) == nil)
        // The next view asks again.
        let second = view(2, "ab")
        state.enter(second)
        answer(&state, ["a": "ab", "b": "ab"], in: second)
        #expect(state.suspension(of: "g") == nil)
        #expect(replicas(state, second) == "ab+")
    }

    @Test func aFunctionThatNeverComesToRestSuspendsIt() {
        var state = hosted(custom, in: view(1, "ab"))
        answer(&state, ["a": "ab", "b": "ab"], in: view(1, "ab"))
        var number: UInt64 = 2
        state.enter(view(number, "ab"))
        for round in 0..<10 {
            let current = view(number, "ab")
            let choice = round % 2 == 0 ? "a" : "ab"
            answer(&state, ["a": choice, "b": choice], in: current)
            guard state.wantsView(in: current) else { break }
            number += 1
            state.enter(view(number, "ab"))
            for member in current.members { state.noteRestored("g", on: member) }
        }
        #expect(number < 8)
        #expect(state.suspension(of: "g")?.contains("each time") == true)
    }

    @Test func theStateIsNotLeftBehind() {
        let first = view(1, "ab")
        var state = hosted(custom, in: first)
        answer(&state, ["a": "a", "b": "a"], in: first)
        let second = view(2, "ab")
        state.enter(second)
        answer(&state, ["a": "b", "b": "b"], in: second)
        #expect(state.suspension(of: "g")?.contains("leaves out every replica that has the state") == true)
        #expect(!state.wantsView(in: second))
        #expect(replicas(state, second) == "a+")
    }
}
