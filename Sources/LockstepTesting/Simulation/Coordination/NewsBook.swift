import LockstepCoordination

/// What was published, as everybody has read it: the same for all, in one order, without gaps where nobody was told of one.
final class NewsBook {
    private struct Place: Hashable, Comparable {
        let version: UInt64
        let index: Int

        static func < (one: Place, other: Place) -> Bool { (one.version, one.index) < (other.version, other.index) }
    }

    private struct Reader: Hashable {
        let name: String
        let group: CoordinationGroup
    }

    private var published: [CoordinationGroup: [Place: CoordinationNews]] = [:]
    /// What each reader has read without a gap; the last part is the present one.
    private var read: [Reader: [[Place]]] = [:]
    /// Who has an office in which term.
    private var leaders: [String: [UInt64: String]] = [:]

    var count: Int { published.values.reduce(0) { $0 + $1.count } }

    /// Somebody has read this.
    func note(
        _ news: CoordinationNews, version: UInt64, group: CoordinationGroup, at name: String
    ) throws(Violation) {
        let reader = Reader(name: name, group: group)
        guard news != .lagged else {
            read[reader, default: []].append([])
            return
        }
        let last = read[reader]?.last?.last
        guard last.map({ $0.version <= version }) ?? true else {
            throw Violation(.news, "\(name) reads news of version \(version) after those of \(last?.version ?? 0).")
        }
        let place = Place(version: version, index: last.flatMap { $0.version == version ? $0.index + 1 : nil } ?? 0)
        let known = published[group]?[place] ?? news
        published[group, default: [:]][place] = news
        guard known == news else {
            throw Violation(.news, "\(name) reads \(news) at version \(version), and others \(known).")
        }
        var parts = read.removeValue(forKey: reader) ?? [[]]
        parts[parts.count - 1].append(place)
        read[reader] = parts
        if case .leads(let office, let leader?) = news {
            try note(leader.name, office: office, term: leader.term.value)
        }
    }

    private func note(_ name: String, office: String, term: UInt64) throws(Violation) {
        let known = leaders[office]?[term] ?? name
        leaders[office, default: [:]][term] = name
        guard known != name else { return }
        throw Violation(.leaders, "In term \(term) of \(office), \(known) leads, and \(name).")
    }

    /// Looks for gaps.
    func finish() throws(Violation) {
        for (group, news) in published {
            let places = Array(news.keys).sorted()
            let order = Dictionary(uniqueKeysWithValues: zip(places, places.indices))
            for (reader, parts) in read where reader.group == group {
                for part in parts {
                    for (one, next) in zip(part, part.dropFirst()) where order[next] != order[one].map({ $0 + 1 }) {
                        throw Violation(
                            .news,
                            "\(reader.name) reads news of version \(next.version) after \(one.version), and misses some."
                        )
                    }
                }
            }
        }
    }
}
