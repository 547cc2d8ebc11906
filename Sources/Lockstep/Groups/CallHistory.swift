/// How the views of a shard ended, so that a call of an earlier one can be looked up.
struct CallHistory {
    private var views: [Ended] = []
    private static let viewsMax = 64

    private struct Ended {
        let view: UInt64
        /// By rank in that view; nil for those who were no replicas.
        var members: [Int: Member]
    }

    private struct Member {
        let incarnation: UInt64
        /// How many of its messages were delivered. It sends the others again in the next view, in their order.
        let delivered: UInt64
        /// Nil if it is not in the next view.
        var rankAfter: Int?
    }

    /// Where a call is looked for.
    enum Trace {
        case ended(CallOutcome)
        /// In the view that goes on, as the call that it has become there.
        case goesOn(CallID)
    }

    /// A view ends here.
    mutating func note(_ view: View, _ replicas: [View.Member], delivered: (_ place: Int) -> UInt64) {
        var members: [Int: Member] = [:]
        for (place, replica) in replicas.enumerated() {
            members[replica.rank] = Member(incarnation: replica.incarnation, delivered: delivered(place))
        }
        views.append(Ended(view: view.number, members: members))
        if views.count > Self.viewsMax { views.removeFirst() }
    }

    /// The next one begins.
    mutating func begin(_ view: View) {
        guard let last = views.indices.last else { return }
        for member in view.members {
            for (rank, ended) in views[last].members where ended.incarnation == member.incarnation {
                views[last].members[rank]?.rankAfter = member.rank
            }
        }
    }

    func trace(_ call: CallID) -> Trace {
        var call = call
        if let first = views.first, call.view < first.view { return .ended(.unknown) }
        for ended in views where ended.view == call.view {
            guard let member = ended.members[call.rank] else { return .ended(.unknown) }
            if call.number < member.delivered { return .ended(.executed) }
            guard let rank = member.rankAfter else { return .ended(.notExecuted) }
            call = CallID(view: ended.view + 1, rank: rank, number: call.number - member.delivered)
        }
        return .goesOn(call)
    }
}
