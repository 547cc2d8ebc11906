/// Effects that stand until they are done, by their place, with a hash of them all that follows every change.
struct StandingEffects<Value: Codable & Sendable> {
    private(set) var values: [EffectID.Place: Value] = [:]
    /// A sum, which does not depend on the order.
    private var digest: UInt64 = 0

    var count: Int { values.count }

    subscript(place: EffectID.Place) -> Value? { values[place] }

    mutating func add(_ value: Value, at place: EffectID.Place) {
        values[place] = value
        digest &+= Self.hash(of: value, at: place)
    }

    mutating func remove(_ place: EffectID.Place) -> Value? {
        guard let value = values.removeValue(forKey: place) else { return nil }
        digest &-= Self.hash(of: value, at: place)
        return value
    }

    private static func hash(of value: Value, at place: EffectID.Place) -> UInt64 {
        var hasher = StateHasher()
        hasher.combine(value, named: "\(place)")
        return hasher.finalize()
    }

    // MARK: - As state of the replica

    func hash(into hasher: inout StateHasher, as name: String) {
        if !values.isEmpty { hasher.combine(digest, named: name) }
    }

    func write(to writer: inout StateWriter, as name: String) {
        writer.write(values, named: name)
    }

    init() {}

    init(from reader: StateReader, as name: String) throws {
        for (place, value) in try reader.read(name, or: [EffectID.Place: Value]()) { add(value, at: place) }
    }
}
