import Lockstep

/// An office that one candidate of the cluster has at a time: its leader.
///
/// ```swift
/// let election = coordination.election("scheduler")
/// try await election.whileLeader(as: "a") { term in try await schedule(term) }
/// ```
public struct Election: Sendable {
    static let prefix = "election/"

    private let gate: SharedGate
    private var coordinator: Coordinator.Handle { gate.coordination.coordinator }

    init(_ coordination: Coordination, _ name: String) {
        gate = SharedGate(coordination: coordination, key: Self.prefix + name, capacity: 1)
    }

    /// Waits to be elected, in the order of the candidates, and runs something as leader.
    ///
    /// The closure is cancelled when the office is lost, no later than another may have it; when it ends, it is free. See
    /// ``Lock/withLock(timeout:_:)``.
    ///
    /// - Parameters:
    ///   - candidate: What others know the leader by.
    ///   - timeout: How long to wait; nil for ever.
    ///   - body: Is given the term, which fences off former leaders.
    public func whileLeader<Value: Sendable>(
        as candidate: String, timeout: Duration? = nil,
        _ body: @escaping @Sendable (FencingToken) async throws -> Value
    ) async throws -> Value {
        try await gate.during(weight: 1, label: candidate, isExclusive: true, within: timeout, body)
    }

    /// Waits to be elected, and stays leader until it resigns: with ``Hold/release()``.
    public func campaign(as candidate: String, timeout: Duration? = nil) async throws -> Hold {
        try await gate.enter(weight: 1, label: candidate, within: timeout)
    }

    /// The present leader, nil if there is none. It is linearizable.
    public var leader: Leader? {
        get async throws { try await coordinator.office(gate.key).leader }
    }

    /// The leaders from now on, beginning with the present one; nil while there is none.
    ///
    /// Every leader is in it whose turn has begun after it was asked for, unless the reader is very slow: then it goes on
    /// with the present one.
    public var leaders: Leaders { Leaders(office: gate.key, coordinator: coordinator) }

    /// The leaders of an office, one after the other.
    public struct Leaders: AsyncSequence, Sendable {
        let office: String
        let coordinator: Coordinator.Handle

        /// Begins with the leader of that moment.
        public func makeAsyncIterator() -> Iterator {
            Iterator(office: office, coordinator: coordinator, changes: coordinator.group.changes.makeAsyncIterator())
        }

        /// Reads the leaders.
        public struct Iterator: AsyncIteratorProtocol {
            fileprivate let office: String
            fileprivate let coordinator: Coordinator.Handle
            fileprivate var changes: Changes<Coordinator>.Iterator
            /// The version up to which the reader knows everything; nil before the first look.
            private var known: UInt64?

            fileprivate init(office: String, coordinator: Coordinator.Handle, changes: Changes<Coordinator>.Iterator) {
                (self.office, self.coordinator, self.changes) = (office, coordinator, changes)
            }

            /// Waits for the next leader.
            ///
            /// - Throws: `LockstepError` when this node is out of the cluster, or `CancellationError`.
            public mutating func next() async throws -> Leader?? {
                guard let known else { return try await look() }
                while true {
                    switch try await changes.next() {
                    case .change(.leads(office, let leader), let version)? where version > known: return .some(leader)
                    case .lagged?: return try await look()
                    default: break
                    }
                }
            }

            /// The present leader, also if that was returned before.
            private mutating func look() async throws -> Leader?? {
                let present = try await coordinator.office(office)
                known = present.version
                return .some(present.leader)
            }
        }
    }
}

/// Who leads, and since when.
@Wire
public struct Leader: Codable, Sendable, Hashable {
    /// As the candidate calls itself.
    public let name: String
    /// The number of its term, which is greater than that of every leader before.
    public let term: FencingToken
}

/// How an office stands at a version.
@Wire
struct Office: Codable, Sendable {
    let leader: Leader?
    let version: UInt64
}

extension Coordination {
    /// The election for an office.
    public func election(_ office: String) -> Election { Election(self, office) }
}
