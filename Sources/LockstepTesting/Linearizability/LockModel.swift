/// A lock that one client has at a time, and whose tokens grow: what histories of locks and of elections are compared with.
///
/// ```swift
/// try checkLinearizability(of: history.operations, against: LockModel())
/// ```
public struct LockModel: SequentialModel {
    /// What a client, told by its number, does. Acquiring returns the token, releasing anything.
    public enum Input: Hashable, Sendable {
        /// Returns when the client has the lock.
        case acquire(Int)
        /// Does nothing if the client has not got the lock.
        case release(Int)
    }

    /// Who has it, and the last token that anybody got.
    public struct State: Hashable, Sendable {
        var holder: Int?
        var token: UInt64 = 0
    }

    /// Nobody has it.
    public let initial = State()

    /// Makes the model.
    public init() {}

    /// Refuses a token that does not grow, and one that is given while somebody has the lock.
    public func step(_ state: State, _ input: Input, _ output: UInt64?) -> State? {
        switch input {
        case .acquire(let client):
            guard state.holder == nil else { return nil }
            guard let output else { return State(holder: client, token: state.token) }
            return output > state.token ? State(holder: client, token: output) : nil
        case .release(let client):
            return State(holder: state.holder == client ? nil : state.holder, token: state.token)
        }
    }
}
