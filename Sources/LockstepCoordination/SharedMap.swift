import Lockstep

/// Values by keys, which all members share, and which can be watched.
///
/// ```swift
/// let settings = coordination.map("settings", of: String.self)
/// try await settings.set("blue", for: "theme/color")
/// for try await event in settings.watch(prefix: "theme/") { print(event) }
/// ```
///
/// It is for what fits well into the memory of each member: settings, addresses, assignments.
public struct SharedMap<Value: Codable & Sendable>: Sendable {
    private let store: Store.Handle
    private let shelf: String

    init(_ store: Store.Handle, shelf: String) { (self.store, self.shelf) = (store, shelf) }

    /// The value of a key, nil if there is none. It is linearizable.
    public func get(_ key: String) async throws -> Versioned<Value>? {
        try await store.entry(at: key, on: shelf).map(Self.decode)
    }

    /// The values whose keys begin so.
    public func all(prefix: String = "") async throws -> [String: Versioned<Value>] {
        try Self.decode(try await store.entries(of: shelf, prefix: prefix))
    }

    /// Replaces a value, or removes it with nil, and returns its version.
    @discardableResult
    public func set(_ value: Value?, for key: String) async throws -> UInt64 {
        let version = try await store.put(value.map(encoded), at: key, on: shelf, replacing: nil)
        guard let version else { preconditionFailure("what replaces anything must be put") }
        return version
    }

    /// Does the same if the present value still has a version, 0 for no value; nil if not.
    public func set(_ value: Value?, for key: String, replacing version: UInt64) async throws -> UInt64? {
        try await store.put(value.map(encoded), at: key, on: shelf, replacing: version)
    }

    /// What becomes of the keys that begin so: first what there is, and then every change, in its order.
    public func watch(prefix: String = "") -> Watch {
        Watch(store: store, shelf: shelf, prefix: prefix)
    }

    /// What a watcher sees.
    public enum Event: Sendable {
        /// All there is: at first, and again when so many changes have come at once that some were missed.
        case all([String: Versioned<Value>])
        /// A key has another value.
        case set(String, Versioned<Value>)
        /// A key has no value any more.
        case removed(String)
    }

    /// The changes of a map, one after the other.
    public struct Watch: AsyncSequence, Sendable {
        let store: Store.Handle
        let shelf: String
        let prefix: String

        /// Begins with what there is at that moment.
        public func makeAsyncIterator() -> Iterator {
            Iterator(watch: self, changes: store.group.changes.makeAsyncIterator())
        }

        /// Reads the changes.
        public struct Iterator: AsyncIteratorProtocol {
            fileprivate let watch: Watch
            fileprivate var changes: Changes<Store>.Iterator
            /// The version up to which the reader knows everything; nil before the first look.
            private var known: UInt64?

            fileprivate init(watch: Watch, changes: Changes<Store>.Iterator) {
                (self.watch, self.changes) = (watch, changes)
            }

            /// Waits for the next change. It is never nil.
            ///
            /// - Throws: `LockstepError` when this node is out of the cluster, or `CancellationError`.
            public mutating func next() async throws -> Event? {
                guard let known else { return try await look() }
                while true {
                    switch try await changes.next() {
                    case .change(.put(watch.shelf, let key, let bytes), let version)? where version > known:
                        guard key.hasPrefix(watch.prefix) else { continue }
                        guard let bytes else { return .removed(key) }
                        return .set(key, Versioned(value: try decoded(bytes), version: version))
                    case .lagged?:
                        return try await look()
                    default:
                        continue
                    }
                }
            }

            private mutating func look() async throws -> Event {
                let listing = try await watch.store.entries(of: watch.shelf, prefix: watch.prefix)
                known = listing.version
                return .all(try SharedMap.decode(listing))
            }
        }
    }

    fileprivate static func decode(_ entry: Store.Entry) throws -> Versioned<Value> {
        Versioned(value: try decoded(entry.bytes), version: entry.version)
    }

    fileprivate static func decode(_ listing: Store.Listing) throws -> [String: Versioned<Value>] {
        Dictionary(uniqueKeysWithValues: try listing.items.map { ($0.key, try decode($0.entry)) })
    }
}

extension Coordination {
    /// The map of a name, whose values are of one type on all members.
    public func map<Value>(_ name: String, of type: Value.Type) -> SharedMap<Value> {
        SharedMap(store, shelf: "map/\(name)")
    }
}
