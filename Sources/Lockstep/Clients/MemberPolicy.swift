/// Which member of the cluster a client calls. If that one cannot be reached, or has no replica of the group, it is the next
/// one by the same rule.
///
/// Calls that wait for each other keep their order whatever the policy. Those of a pipeline keep it with one that stays with a
/// member as long as it lives: ``first``, ``nearest``, ``key(_:)`` and ``named(_:)``.
public enum MemberPolicy: Sendable, Hashable {
    /// The member of the lowest rank.
    case first
    /// A member by chance, for each call.
    case random
    /// One after the other, for each call.
    case roundRobin
    /// A member of this host; if there is none, the one that answered fastest when the client connected with it.
    case nearest
    /// The member to which a key leads: the same for all clients, and for few keys another one when members come or go.
    case key(String)
    /// The member of this name, and no other.
    case named(String)
}

extension MemberPolicy {
    /// A member, as far as policies care.
    struct Candidate: Hashable {
        let name: String
        let rank: Int
        let isOnThisHost: Bool
        /// How long it took to connect with it, if that is known.
        let distance: Int64?
    }

    /// True if it has to know how far each member is.
    var comparesDistances: Bool { self == .nearest }

    /// The places of the candidates, in the order in which they are tried.
    ///
    /// - Parameter turn: Another one for each call.
    func order(_ candidates: [Candidate], turn: Int) -> [Int] {
        let places = Array(candidates.indices)
        switch self {
        case .first: return places
        case .random: return places.shuffled()
        case .roundRobin:
            guard !places.isEmpty else { return [] }
            let start = turn % places.count
            return Array(places[start...] + places[..<start])
        case .nearest:
            return places.sorted { candidates[$0].nearness < candidates[$1].nearness }
        case .key(let key):
            // The highest weight wins: when a member goes, only its own keys lead elsewhere.
            let weights = candidates.map { StableHash.mix(StableHash.of($0.name), StableHash.of(key)) }
            return places.sorted { (weights[$1], $0) < (weights[$0], $1) }
        case .named(let name): return places.filter { candidates[$0].name == name }
        }
    }
}

extension MemberPolicy.Candidate {
    fileprivate var nearness: (Int, Int64, Int) { (isOnThisHost ? 0 : 1, distance ?? .max, rank) }
}
