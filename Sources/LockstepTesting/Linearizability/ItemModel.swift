/// Items that are added once, are given to one consumer at a time, and come back unless they are done: what histories of work
/// queues are compared with, each item for itself.
///
/// ```swift
/// try checkLinearizability(of: operations, against: ItemModel(), partitionedBy: \.item)
/// ```
public struct ItemModel: SequentialModel {
    /// What is done with an item.
    public struct Input: Hashable, Sendable {
        /// Which item it is.
        public let item: UInt64
        /// What is done with it.
        public let action: Action

        /// Makes an input.
        public init(_ action: Action, _ item: UInt64) { (self.action, self.item) = (action, item) }
    }

    /// What is done with an item, by clients that are told by their numbers.
    public enum Action: Hashable, Sendable {
        case add
        /// Returns when the client is given the item.
        case take(Int)
        /// The client that has it is done with it.
        case finish(Int)
        /// The client that has it gives it back.
        case giveBack(Int)
        /// The queue is seen to be empty while nobody has anything of it.
        case miss
    }

    /// What has become of an item.
    public enum State: Hashable, Sendable {
        case unknown, waiting, done
        case taken(Int)
    }

    /// Nobody has added it.
    public let initial = State.unknown

    /// Makes the model.
    public init() {}

    /// Refuses that somebody is given what was not added, what somebody else has, and what is done; and that what was added
    /// is missing before it is done.
    public func step(_ state: State, _ input: Input, _ output: UInt64?) -> State? {
        switch input.action {
        case .add: state == .unknown ? .waiting : nil
        case .take(let client): state == .waiting ? .taken(client) : nil
        case .finish(let client): state == .taken(client) ? .done : state
        case .giveBack(let client): state == .taken(client) ? .waiting : state
        case .miss: state == .unknown || state == .done ? state : nil
        }
    }
}
