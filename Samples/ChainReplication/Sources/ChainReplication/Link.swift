import Synchronization

/// What a member's replica has to tell the others, and the clients of this member that wait.
final class Link: Sendable {
    /// This member's incarnation.
    let me: UInt64
    /// For the successor.
    let updates = Outbox<Update>()
    /// For the predecessor: how far all behind it have come.
    let settled = Outbox<UInt64>()
    /// For the clients.
    let replies = Outbox<Update>()
    private let state = Mutex(State())

    private struct State {
        var members: [UInt64] = []
        var lastRequest: UInt64 = 0
        var waiting: [UInt64: AsyncThrowingStream<Void, any Error>.Continuation] = [:]
        var calls = 0
    }

    init(me: UInt64) { self.me = me }

    // MARK: - The chain

    /// Whoever waits for a write does not know any more whether it is in the chain, if somebody is gone.
    func follow(_ members: [UInt64]) {
        let waiting = state.withLock { state in
            let isWhole = Set(state.members).isSubset(of: members)
            state.members = members
            defer { if !isWhole { state.waiting = [:] } }
            return isWhole ? [:] : state.waiting
        }
        for client in waiting.values { client.finish(throwing: ChainError.unknown) }
    }

    var head: UInt64? { state.withLock(\.members.first) }

    var tail: UInt64? { state.withLock(\.members.last) }

    /// The one before this member, nil for the head.
    var predecessor: UInt64? { neighbour(behind: -1) }

    /// The one behind this member, nil for the tail.
    var successor: UInt64? { neighbour(behind: 1) }

    private func neighbour(behind distance: Int) -> UInt64? {
        state.withLock { state in
            let place = state.members.firstIndex(of: me).map { $0 + distance }
            return place.flatMap { state.members.indices.contains($0) ? state.members[$0] : nil }
        }
    }

    // MARK: - Clients

    /// Sends a request, and waits until the tail has done it.
    func request(_ send: (UInt64) async throws -> Void) async throws {
        let (answer, continuation) = AsyncThrowingStream.makeStream(of: Void.self)
        let number = state.withLock { state in
            state.lastRequest += 1
            state.waiting[state.lastRequest] = continuation
            return state.lastRequest
        }
        defer { state.withLock { _ = $0.waiting.removeValue(forKey: number) } }
        try await send(number)
        for try await _ in answer { return }
    }

    func finish(_ requests: [UInt64]) {
        let waiting = state.withLock { state in requests.compactMap { state.waiting[$0] } }
        for client in waiting { client.yield() }
    }

    // MARK: - Counting

    func noteCall() { state.withLock { $0.calls += 1 } }

    /// How many calls this member has made to others.
    var calls: Int { state.withLock(\.calls) }
}

/// What waits to be sent. All of it goes together when the call before has come back.
final class Outbox<Item: Sendable>: Sendable {
    private let items = Mutex<[Item]>([])
    private let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    /// A call to one member has at most 64 KiB.
    private let atOnce = 250

    func put(_ more: [Item]) {
        items.withLock { $0 += more }
        signal.yield()
    }

    func replace(_ others: [Item]) {
        items.withLock { $0 = others }
        signal.yield()
    }

    /// Sends what comes, until the task is cancelled.
    func drain(_ send: ([Item]) async -> Void) async {
        for await _ in signals {
            while let next = take() { await send(next) }
        }
    }

    private func take() -> [Item]? {
        items.withLock { items in
            guard !items.isEmpty else { return nil }
            defer { items.removeFirst(min(atOnce, items.count)) }
            return Array(items.prefix(atOnce))
        }
    }
}
