import Lockstep

/// Items of which each is for one consumer, on any member.
///
/// ```swift
/// let jobs = coordination.queue("jobs", of: Job.self)
/// try await jobs.add(job)
/// try await jobs.withNext { job in try await perform(job) }
/// ```
///
/// Items are handed out in the order in which they were added, to consumers in the order in which they asked. An item
/// whose consumer dies, throws or is cancelled comes back to the front. So each is done at least once.
public struct WorkQueue<Item: Codable & Sendable>: Sendable {
    private let coordination: Coordination
    private let key: String

    init(_ coordination: Coordination, _ name: String) { (self.coordination, key) = (coordination, name) }

    /// Adds an item behind all others.
    public func add(_ item: Item) async throws { try await coordination.coordinator.offer(try encoded(item), to: key) }

    /// How many items wait to be handed out. It is linearizable.
    public var count: Int {
        get async throws { try await coordination.coordinator.itemCount(of: key) }
    }

    /// Waits for the next item and does it. It is gone when this returns.
    ///
    /// The closure is cancelled as that of ``Lock/withLock(timeout:_:)``.
    ///
    /// - Parameter timeout: How long to wait for an item; nil for ever.
    /// - Throws: ``CoordinationError/Code/timedOut``; ``CoordinationError/Code/lost`` if others may have been given the item
    ///   meanwhile, or will be; a `LockstepError`; or what the closure throws.
    public func withNext<Value: Sendable>(
        timeout: Duration? = nil, _ body: @escaping @Sendable (Item) async throws -> Value
    ) async throws -> Value {
        let (coordinator, key) = (coordination.coordinator, key)
        let giveBack: @Sendable (Ticket) async throws -> Void = { try await coordinator.handBack(of: key, ticket: $0) }
        let (ticket, _) = try await coordination.turn(
            at: key, within: timeout, { try await coordinator.take(from: key, ticket: $0) }, withdraw: giveBack)
        do {
            let bytes = try await coordinator.reading(coordination.consistency).item(of: key, ticket: ticket)
            guard let bytes else { throw CoordinationError.lost(key) }
            let item: Item = try decoded(bytes)
            let value = try await coordination.scopes.run(ticket, of: key) { try await body(item) }
            let isDone = await coordination.giveBack { try await coordinator.finish(key, ticket: ticket) }
            guard isDone else { throw CoordinationError.lost(key) }
            return value
        } catch {
            await coordination.giveBack { try await giveBack(ticket) }
            throw error
        }
    }
}

extension Coordination {
    /// The queue of a name, whose items are of one type on all members.
    public func queue<Item>(_ name: String, of type: Item.Type) -> WorkQueue<Item> { WorkQueue(self, name) }
}
