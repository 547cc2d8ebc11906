import DequeModule

/// What updates have left to be done beyond their group: state of the replica, equal on all of them.
struct Outbox {
    /// A call of another group, or an effect outside.
    struct Entry: Codable, Sendable {
        /// The group that is called, nil for an effect outside.
        let target: Target?
        /// The message of the call, or the effect, encoded.
        let bytes: [UInt8]
    }

    struct Target: Codable, Sendable, Hashable {
        let group: GroupID
        /// Its actor, as its schema spells it.
        let type: String
    }

    static let countMax = 1 << 14
    /// So many effects outside are tried at once. Calls of one group are made one after the other, in their order.
    private static let outsideMax = 16
    private static let name = "lockstep.outbox"

    private var standing: StandingEffects<Entry>
    /// The places of what stands, in their order, for each group that is called and for all that is outside.
    private var lanes: [GroupID?: Deque<EffectID.Place>] = [:]
    /// True if something may be begun that could not be before.
    private(set) var hasNews = false

    init() { standing = StandingEffects() }

    var count: Int { standing.count }

    mutating func add(_ entry: Entry, at place: EffectID.Place) throws(LockstepError) {
        guard count < Self.countMax else {
            throw LockstepError(
                .outboxFull,
                """
                The group's outbox has \(count) effects, which is the most. Its target does not keep up, or cannot be \
                reached; the log says why.
                """
            )
        }
        standing.add(entry, at: place)
        lanes[entry.target?.group, default: []].append(place)
        hasNews = true
    }

    /// Takes what is done; false if it does not stand any more.
    mutating func remove(_ place: EffectID.Place) -> Bool {
        guard let entry = standing.remove(place) else { return false }
        let lane = entry.target?.group
        // It is one of the first: they are begun in their order.
        if let index = lanes[lane]?.firstIndex(of: place) { lanes[lane]?.remove(at: index) }
        if lanes[lane]?.isEmpty == true { lanes[lane] = nil }
        hasNews = true
        return true
    }

    /// What may be begun now and is not.
    mutating func takeReady(unless isBegun: (EffectID.Place) -> Bool) -> [(EffectID.Place, Entry)] {
        hasNews = false
        return lanes.flatMap { lane, places in
            places.prefix(lane == nil ? Self.outsideMax : 1).compactMap { place in
                isBegun(place) ? nil : standing[place].map { (place, $0) }
            }
        }
    }

    /// Everything that stands may be begun again.
    mutating func beginAgain() { hasNews = true }

    // MARK: - As state of the replica

    func hash(into hasher: inout StateHasher) { standing.hash(into: &hasher, as: Self.name) }

    func write(to writer: inout StateWriter) { standing.write(to: &writer, as: Self.name) }

    init(from reader: StateReader) throws {
        standing = try StandingEffects(from: reader, as: Self.name)
        for (place, entry) in standing.values.sorted(by: { $0.key < $1.key }) {
            lanes[entry.target?.group, default: []].append(place)
        }
        hasNews = true
    }
}
