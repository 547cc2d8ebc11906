/// What was published on a topic or put into a map, as those tell who have heard it: the same for all, in one order, and
/// without gaps.
struct FleetNews {
    private let published: [UInt64: FleetRecord]
    private let heard: [FleetRecord]

    init(_ records: [FleetRecord]) {
        let sayings = records.filter(\.isSaid).map { ($0.call.value, $0) }
        published = Dictionary(sayings) { first, _ in first }
        heard = records.filter { $0.call.action == .hear }
    }

    func check() throws(FleetFlaw) {
        try checkOrder()
        for record in heard { try check(record) }
    }

    /// There must be one order from which each has heard a part.
    private func checkOrder() throws(FleetFlaw) {
        var (next, previous): ([UInt64: UInt64], [UInt64: UInt64]) = ([:], [:])
        for record in heard {
            let news = record.answers.map(\.answer.output)
            for (one, other) in zip(news, news.dropFirst()) {
                let (behind, before) = (next.updateValue(other, forKey: one), previous.updateValue(one, forKey: other))
                guard behind ?? other == other, before ?? one == one else {
                    throw FleetFlaw("\(one) is followed by \(other), and somebody hears something else there.")
                }
            }
        }
        var inOrder = 0
        for first in next.keys where previous[first] == nil {
            var place = next[first]
            while let here = place { (place, inOrder) = (next[here], inOrder + 1) }
        }
        guard inOrder == next.count else { throw FleetFlaw("Some hear in one order what others hear in another.") }
    }

    private func check(_ hearing: FleetRecord) throws(FleetFlaw) {
        var known: Set<UInt64> = []
        var (latest, version) = (UInt64.min, UInt64.min)
        for (answer, time) in hearing.answers {
            guard let saying = published[answer.output], saying.began <= time else {
                throw FleetFlaw("Somebody hears \(answer.output), which nobody has said.")
            }
            guard known.insert(answer.output).inserted else { throw FleetFlaw("\(answer.output) is heard twice.") }
            guard saying.ended.map({ $0 >= latest }) ?? true, answer.version >= version else {
                throw FleetFlaw("\(answer.output) is heard behind what was said later.")
            }
            (latest, version) = (max(latest, saying.began), answer.version)
        }
        // What was said behind its first word and before its last one.
        guard let last = hearing.answers.last.flatMap({ published[$0.answer.output] }) else { return }
        for (number, saying) in published where saying.began >= hearing.began && !known.contains(number) {
            guard let ended = saying.ended, ended < last.began else { continue }
            throw FleetFlaw("Somebody has heard what was said behind \(number), and not that.")
        }
    }
}

extension FleetRecord {
    /// True if it may have been heard.
    fileprivate var isSaid: Bool {
        switch call.action {
        case .publish, .put: true
        // If it was not put, the version is 0.
        case .replace: answers.first?.answer.output != 0
        default: false
        }
    }
}
