/// What an update goes by instead of clocks, random numbers and identifiers of its own: it is equal on every replica.
///
/// A replicated actor has it as `context`, inside its updates and queries only.
///
/// ```swift
/// distributed func draw() -> Int {
///     drawn.append(Ticket(id: context.uniqueID(), time: context.now))
///     return Int.random(in: 1...6, using: &context.random)
/// }
/// ```
public struct UpdateContext: Sendable {
    /// The time of the update: that of its sender's clock, and never less than that of an update before it.
    public internal(set) var now = Timestamp(nanoseconds: 0)
    /// The number of the update in its group, from 1; in a query, that of the last one. Where an actor hears of a change
    /// of views (``ViewAware``), that counts too.
    public internal(set) var version: UInt64 = 0
    /// Random numbers that are the same on every replica.
    public var random = UpdateRandom(seed: 0)
    /// The session of the client that called; nil if a member did.
    public internal(set) var client: SessionKey?
    /// Who called; for a client, the member that it called through.
    public var caller: View.Member { callers[callerPlace] }
    /// The level of the group: the least of its replicas' releases (``Replicated(level:)``). It never falls, and it rises
    /// between two updates, the same two on every replica.
    public private(set) var level = 1

    let group: GroupID
    /// The replicas of the group.
    private var callers: [View.Member]
    private var callerPlace = 0
    /// Different for groups of different names.
    private let groupSeed: UInt64
    /// The same, and different in each view.
    private var viewSeed: UInt64

    init(view: View, group: GroupID) {
        callers = view.members
        self.group = group
        groupSeed = StableHash.of(group.name)
        viewSeed = StableHash.mix(groupSeed, view.number)
    }

    /// A view begins, with these replicas, which all support a level.
    mutating func enter(_ view: View, _ replicas: [View.Member], at level: Int) {
        (callers, callerPlace) = (replicas, 0)
        viewSeed = StableHash.mix(groupSeed, view.number)
        self.level = level
    }

    /// An identifier that no other update gives.
    public mutating func uniqueID() -> UniqueID {
        // The version and the layout of a random UUID.
        UniqueID(
            high: random.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000, low: random.next() & ~(3 << 62) | 1 << 63
        )
    }

    /// The context of the next update.
    mutating func begin(stamp: Int64, position: UInt64, callerPlace: Int) {
        now = max(now, Timestamp(nanoseconds: stamp))
        version += 1
        client = nil
        self.callerPlace = callerPlace
        random = UpdateRandom(seed: StableHash.mix(viewSeed, position))
    }

    /// The context of a change of views: an update that comes before all of the new view.
    mutating func begin(_ view: GroupView) {
        begin(stamp: view.change.time.nanoseconds, position: .max, callerPlace: 0)
    }

    /// The context of a query.
    mutating func beginQuery(callerPlace: Int) {
        client = nil
        self.callerPlace = callerPlace
        // A query may draw numbers for its own use.
        random = UpdateRandom(seed: StableHash.mix(groupSeed, version))
    }
}

// MARK: - As state of the replica

extension UpdateContext {
    private static let nowName = "lockstep.now"
    private static let versionName = "lockstep.version"

    func write(to writer: inout StateWriter) {
        writer.write(now, named: Self.nowName)
        writer.write(version, named: Self.versionName)
    }

    mutating func read(from reader: StateReader) throws {
        now = try reader.read(Self.nowName, or: now)
        version = try reader.read(Self.versionName, or: version)
    }
}

/// A point in time, in nanoseconds since the beginning of 1970.
public struct Timestamp: Sendable, Hashable, Codable, Comparable, CustomStringConvertible {
    /// Since the beginning of 1970, as Unix counts.
    public let nanoseconds: Int64

    /// Makes a point in time.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The time from an earlier point to a later one.
    public static func - (later: Timestamp, earlier: Timestamp) -> Duration {
        .nanoseconds(later.nanoseconds) - .nanoseconds(earlier.nanoseconds)
    }

    /// A later point in time, or an earlier one.
    public static func + (time: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(nanoseconds: time.nanoseconds &+ duration.nanoseconds)
    }

    /// True if the first comes before the second.
    public static func < (one: Timestamp, other: Timestamp) -> Bool { one.nanoseconds < other.nanoseconds }

    /// In nanoseconds.
    public var description: String { "\(nanoseconds) ns" }
}

/// A generator of random numbers that gives every replica the same ones.
///
/// They are good for choices and identifiers, and no secret: every member can compute them.
public struct UpdateRandom: RandomNumberGenerator, Sendable {
    // SplitMix64: Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators, 2014.
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}

/// An identifier of 128 bits in the form of a UUID.
public struct UniqueID: Sendable, Hashable, Codable, CustomStringConvertible {
    /// The first eight bytes, the first one highest.
    public let high: UInt64
    /// The other eight.
    public let low: UInt64

    /// Such as `3f2504e0-4f89-41d3-9a0c-0305e82c3301`.
    public var description: String {
        let digits = [high, low].map { word in
            let hex = String(word, radix: 16)
            return String(repeating: "0", count: 16 - hex.count) + hex
        }
        .joined()
        var parts: [Substring] = []
        var rest = digits[...]
        for count in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return parts.joined(separator: "-")
    }
}
