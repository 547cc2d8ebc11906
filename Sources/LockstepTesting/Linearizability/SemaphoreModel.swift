/// Permits that clients take and give back, and whose tokens do not shrink: what histories of semaphores are compared with,
/// and those of read-write locks, where a writer takes all permits.
public struct SemaphoreModel: SequentialModel {
    /// What a client, told by its number, does. Acquiring returns the token, releasing anything.
    public enum Input: Hashable, Sendable {
        /// Returns when the client has so many permits.
        case acquire(Int, permits: Int)
        /// Gives back all that the client has.
        case release(Int)
    }

    /// Who has how many permits, and the last token that anybody got.
    public struct State: Hashable, Sendable {
        var permits: [Int: Int] = [:]
        var token: UInt64 = 0
    }

    /// Nobody has any.
    public let initial = State()
    private let permits: Int

    /// Makes the model of so many permits.
    public init(permits: Int) { self.permits = permits }

    /// Refuses permits that are not there, and a token that is smaller than one before. One with all permits has a token
    /// of its own.
    public func step(_ state: State, _ input: Input, _ output: UInt64?) -> State? {
        var state = state
        switch input {
        case .acquire(let client, let wanted):
            let left = permits - state.permits.values.reduce(0, +)
            guard state.permits[client] == nil, wanted <= left else { return nil }
            if let output {
                guard output > state.token || output == state.token && wanted < permits else { return nil }
                state.token = output
            }
            state.permits[client] = wanted
        case .release(let client):
            state.permits[client] = nil
        }
        return state
    }
}
