/// What a replica counts.
///
/// It is not part of the replica, which is generic: then the language would make up the type while the program runs, for
/// each message.
struct ReplicaCounts {
    var updates: UInt64 = 0
    /// Queries answered in this turn.
    var answered = 0
    /// The messages of each replica in this view, by its place.
    var executed: [UInt64] = []
}
