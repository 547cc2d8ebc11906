/// The rules of the ordered multicast that a simulation can turn off, to see that its checkers notice.
package struct Rules: OptionSet, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    /// Deliver in the order of positions.
    package static let order = Rules(rawValue: 1 << 0)
    /// Fill rounds with nulls for those who speak.
    package static let null = Rules(rawValue: 1 << 1)
    /// Deliver only what all members hold.
    package static let stability = Rules(rawValue: 1 << 2)
    /// Use ring bytes again only when all members have released them.
    package static let ringReuse = Rules(rawValue: 1 << 3)
    /// Push what a counter vouches for before the counter.
    package static let pushOrder = Rules(rawValue: 1 << 4)
    /// Give rounds in the order of commits, whatever the order of claims.
    package static let claimOrder = Rules(rawValue: 1 << 5)
    /// Take no word of another view.
    package static let viewTag = Rules(rawValue: 1 << 6)
    /// Wake those who sleep when this node is the last to receive.
    package static let wake = Rules(rawValue: 1 << 7)

    /// Take a peer for heard only while it echoes my heartbeats.
    package static let hearing = Rules(rawValue: 1 << 8)
    /// Decide nothing without more than half of a view.
    package static let majority = Rules(rawValue: 1 << 9)
    /// Receive nothing in a wedged view.
    package static let wedge = Rules(rawValue: 1 << 10)
    /// Accept no ballot below the one that was promised.
    package static let promise = Rules(rawValue: 1 << 11)
    /// Propose again what was accepted in the highest ballot.
    package static let adopt = Rules(rawValue: 1 << 12)
    /// Trim a shard at the least final of its survivors.
    package static let trim = Rules(rawValue: 1 << 13)
    /// Take for decided what a majority accepted in the same ballot.
    package static let sameBallot = Rules(rawValue: 1 << 14)
    /// When a view ends, drop what lies behind the trim.
    package static let drop = Rules(rawValue: 1 << 15)
    /// Send what was dropped again in the next view.
    package static let resend = Rules(rawValue: 1 << 16)
    /// Keep what was decided in a view readable through the next.
    package static let slots = Rules(rawValue: 1 << 17)
    /// Bring newcomers up to date before they take part.
    package static let transfer = Rules(rawValue: 1 << 18)
    /// Without a majority, deliver and acknowledge nothing.
    package static let stop = Rules(rawValue: 1 << 19)
    /// Leave nobody of the majority that was heard to a minority: survivors are more than half of a view.
    package static let quorum = Rules(rawValue: 1 << 20)
    /// End a view whose channels have broken, because something that was pushed may be lost.
    package static let channel = Rules(rawValue: 1 << 21)

    /// Leave nobody out before what was granted to it is over.
    package static let grant = Rules(rawValue: 1 << 22)
    /// Answer a query only when everything is here that it has to see, and it is certain that nobody has gone on.
    package static let query = Rules(rawValue: 1 << 23)

    /// Begin no view without a member that has the state, as long as one may live.
    package static let holder = Rules(rawValue: 1 << 24)

    /// Make majorities of those who vote alone.
    package static let votes = Rules(rawValue: 1 << 25)
    /// Deliver nothing without a lease where a view could begin without any member of the shard.
    package static let few = Rules(rawValue: 1 << 26)
    /// Publish what was accepted ahead of a higher promise.
    package static let ahead = Rules(rawValue: 1 << 27)

    package static let multicast: Rules = [
        .order, .null, .stability, .ringReuse, .pushOrder, .claimOrder, .viewTag, .wake,
    ]
    package static let membership: Rules = [
        .hearing, .majority, .wedge, .promise, .adopt, .trim, .sameBallot, .drop, .resend, .slots, .transfer, .stop,
        .quorum, .channel, .grant, .query, .holder, .votes, .few, .ahead,
    ]

    package static let all = multicast.union(membership)

    /// Each rule by the name that the command line uses.
    package static let named: [(name: String, rule: Rules)] = [
        ("order", .order), ("null", .null), ("stability", .stability), ("ring-reuse", .ringReuse),
        ("push-order", .pushOrder), ("claim-order", .claimOrder), ("view-tag", .viewTag), ("wake", .wake),
        ("hearing", .hearing), ("majority", .majority), ("wedge", .wedge), ("promise", .promise), ("adopt", .adopt),
        ("trim", .trim), ("same-ballot", .sameBallot), ("drop", .drop), ("resend", .resend), ("slots", .slots),
        ("transfer", .transfer), ("stop", .stop), ("quorum", .quorum), ("channel", .channel),
        ("grant", .grant), ("query", .query), ("holder", .holder), ("votes", .votes), ("few", .few),
        ("ahead", .ahead),
    ]
}
