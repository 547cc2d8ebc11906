import Distributed
import Lockstep

/// The replicated values of a cluster: counters, and entries with versions.
@Replicated
distributed actor Store {
    enum Change: Codable, Sendable, Equatable {
        /// An entry has another value, or none.
        case put(shelf: String, key: String, [UInt8]?)
        case said(topic: String, [UInt8])
    }

    /// A value, and the version of the update that put it there.
    struct Entry: Codable, Sendable, Equatable {
        let bytes: [UInt8]
        let version: UInt64
    }

    struct Item: Codable, Sendable, Equatable {
        let key: String
        let entry: Entry
    }

    /// What a shelf has, and at which version.
    struct Listing: Codable, Sendable, Equatable {
        let items: [Item]
        let version: UInt64
    }

    private var counters: [String: Int] = [:]
    private var shelves: [String: [String: Entry]] = [:]

    /// Adds to a counter, and returns what it has then.
    distributed func add(_ amount: Int, to counter: String) throws -> Int {
        let (sum, isTooLarge) = counters[counter, default: 0].addingReportingOverflow(amount)
        guard !isTooLarge else {
            throw CoordinationError(.invalid, "The counter \"\(counter)\" would be more than 64 bits hold.")
        }
        counters[counter] = sum == 0 ? nil : sum
        return sum
    }

    @Query
    distributed func count(of counter: String) -> Int { counters[counter, default: 0] }

    /// Puts a value, or removes it, if what is there has a version: 0 for nothing, nil for anything. Returns the version
    /// of the new value, nil if it was not put.
    distributed func put(_ bytes: [UInt8]?, at key: String, on shelf: String, replacing version: UInt64?) -> UInt64? {
        let present = shelves[shelf]?[key]?.version ?? 0
        guard version == nil || version == present else { return nil }
        shelves[shelf, default: [:]][key] = bytes.map { Entry(bytes: $0, version: context.version) }
        if shelves[shelf]?.isEmpty == true { shelves[shelf] = nil }
        publish(.put(shelf: shelf, key: key, bytes))
        return context.version
    }

    @Query
    distributed func entry(at key: String, on shelf: String) -> Entry? { shelves[shelf]?[key] }

    /// The entries whose keys begin so, in the order of the keys.
    @Query
    distributed func entries(of shelf: String, prefix: String) -> Listing {
        let found = (shelves[shelf] ?? [:]).filter { $0.key.hasPrefix(prefix) }
        let items = found.map { Item(key: $0.key, entry: $0.value) }.sorted { $0.key < $1.key }
        return Listing(items: items, version: context.version)
    }

    /// Says something to everybody who listens.
    distributed func say(_ message: [UInt8], on topic: String) { publish(.said(topic: topic, message)) }
}
