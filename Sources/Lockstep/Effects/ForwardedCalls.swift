/// The last call that each other group has had run here: state of the replica, equal on all of them.
///
/// The calls of one group come in the order of their places, the next one when the one before is done. So the last
/// one tells a call that comes again from a new one.
struct ForwardedCalls {
    /// What became of a call of another group.
    struct Outcome: Codable, Sendable {
        let place: EffectID.Place
        /// Why it failed. The words of an error may differ from replica to replica.
        let failure: String?
    }

    private static let name = "lockstep.forwarded"

    private var last: [String: Outcome]

    init() { last = [:] }

    /// What became of a call, nil if it has not run. If a later one has run, it is that one's: then the source knows
    /// about this one, and nobody waits for it.
    func outcome(of call: EffectID) -> Outcome? {
        guard let last = last[call.group.name], last.place >= call.place else { return nil }
        return last
    }

    mutating func note(_ call: EffectID, failure: String?) {
        last[call.group.name] = Outcome(place: call.place, failure: failure)
    }

    // MARK: - As state of the replica

    func hash(into hasher: inout StateHasher) {
        if !last.isEmpty { hasher.combine(last.mapValues(\.place), named: Self.name) }
    }

    func write(to writer: inout StateWriter) { writer.write(last, named: Self.name) }

    init(from reader: StateReader) throws { last = try reader.read(Self.name, or: [:]) }
}
