/// A replicated actor that hears when the session of a client has ended: what the client held can be given to others.
///
/// ```swift
/// @Replicated
/// distributed actor Seats: ClientAware {
///     private var holders: [Int: SessionKey] = [:]
///
///     distributed func take(_ seat: Int) -> Bool {
///         guard let client = context.client, holders[seat] == nil else { return false }
///         holders[seat] = client
///         return true
///     }
///
///     func sessionEnded(_ session: SessionKey) {
///         holders = holders.filter { $0.value != session }
///     }
/// }
/// ```
public protocol ClientAware: ReplicatedActor {
    /// A session has ended: its client has closed it, or was not heard of for too long. It is an update, at one place of the
    /// order on every replica, and nothing that the client has called runs after it.
    func sessionEnded(_ session: SessionKey)
}

extension ClientAware {
    /// Runs the actor's own method in its isolation.
    nonisolated func note(ended session: SessionKey) { inIsolation { $0.sessionEnded(session) } }
}
