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

    package static let all: Rules = [
        .order, .null, .stability, .ringReuse, .pushOrder, .claimOrder, .viewTag, .wake,
    ]

    /// Each rule by the name that the command line uses.
    package static let named: [(name: String, rule: Rules)] = [
        ("order", .order), ("null", .null), ("stability", .stability), ("ring-reuse", .ringReuse),
        ("push-order", .pushOrder), ("claim-order", .claimOrder), ("view-tag", .viewTag), ("wake", .wake),
    ]
}
