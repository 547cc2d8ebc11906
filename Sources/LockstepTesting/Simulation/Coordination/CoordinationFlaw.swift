/// What can be made wrong in a simulation of coordination, to see that its checkers notice.
package enum CoordinationFlaw: String, CaseIterable, Sendable {
    /// Who asks for a lock takes no room in it.
    case twoHolders = "two-holders"
    /// Some turns have one token.
    case sameToken = "same-token"
    /// A client that sends an update again gives it another number.
    case newNumber = "new-number"
    /// Of several whose turn has come, one is not told.
    case partOfAll = "part-of-all"
    /// When a session ends, what its client holds stays with it.
    case keptSession = "kept-session"
    /// When a member is gone, what it holds stays with it.
    case keptMember = "kept-member"
    /// Who is out of touch goes on with what it holds.
    case untold = "untold"
    /// What a silent member holds is given to others at once.
    case noGrace = "no-grace"
    /// A replica that comes later is given no sessions and timers.
    case halfState = "half-state"
    /// An item is done before its consumer says so.
    case earlyFinish = "early-finish"
    /// A client that goes on through another member misses what was published in between.
    case missedNews = "missed-news"

    /// As the command line has them.
    package static var names: [String] { allCases.map(\.rawValue) }
}
