/// What the functions of the members have given for a layout of a user's own: only what all of them give counts.
struct LayoutPoll: Codable, Sendable {
    /// Who is to have replicas from the next view on.
    private(set) var planned: Set<UInt64>?
    private var number: UInt64 = 0
    /// True until all have answered.
    private(set) var isOpen = false
    /// By incarnation.
    private var answers: [UInt64: Answer] = [:]
    /// How often replicas were to move since they last stayed where they were.
    private var moves = 0
    private static let movesMax = 3

    /// What a member's function gave.
    enum Answer: Codable, Sendable, Hashable {
        /// The replicas, by incarnation.
        case replicas([UInt64])
        /// What it threw, for people.
        case failed(String)
    }

    /// What all members' answers come to.
    enum Outcome {
        case replicas(Set<UInt64>)
        /// For this reason.
        case suspends(String)
    }

    /// Asks all members, perhaps again.
    mutating func ask() {
        number += 1
        isOpen = true
        answers = [:]
    }

    mutating func note(_ answer: Answer, of node: UInt64, to question: UInt64) {
        if isOpen, question == number { answers[node] = answer }
    }

    /// The number of the question that a member has not answered.
    func question(for node: UInt64) -> UInt64? { isOpen && answers[node] == nil ? number : nil }

    /// What comes of the answers, once, when all of these have answered.
    mutating func outcome(of plan: LayoutPlan, among members: [View.Member]) -> Outcome? {
        guard isOpen, members.allSatisfy({ answers[$0.incarnation] != nil }), let first = members.first else {
            return nil
        }
        isOpen = false
        let names = Dictionary(members.map { ($0.incarnation, $0.name) }) { first, _ in first }
        for member in members {
            if case .failed(let reason)? = answers[member.incarnation] {
                return .suspends("the layout \(plan) failed on \(member.name): \(reason)")
            }
        }
        guard case .replicas(let chosen)? = answers[first.incarnation] else { return nil }
        if let other = members.first(where: { answers[$0.incarnation] != answers[first.incarnation] }),
            case .replicas(let others)? = answers[other.incarnation]
        {
            func list(_ nodes: [UInt64]) -> String { nodes.map { names[$0] ?? "a stranger" }.joined(separator: ", ") }
            return .suspends(
                "the layout \(plan) gave [\(list(chosen))] on \(first.name), and [\(list(others))] on \(other.name)"
            )
        }
        guard chosen.allSatisfy({ names[$0] != nil }) else {
            return .suspends("the layout \(plan) gave nodes that do not host the group")
        }
        return chosen.isEmpty ? .suspends("the layout \(plan) gave no replicas") : .replicas(Set(chosen))
    }

    /// These are the replicas from the next view on; false if they have moved too often.
    mutating func plan(_ replicas: Set<UInt64>) -> Bool {
        moves += 1
        if moves <= Self.movesMax { planned = replicas }
        return moves <= Self.movesMax
    }

    mutating func takePlanned() -> Set<UInt64>? { planned.take() }

    /// The replicas are where they ought to be.
    mutating func settle() { (planned, moves) = (nil, 0) }
}
