/// Whether every update that a caller has the result of is on every replica exactly once, and all replicas are equal.
struct FleetVerdict {
    /// Updates whose result a caller has.
    let acknowledged: UInt64
    /// Of those, how many some replica has not.
    let lost: UInt64
    /// Updates that ran more than once.
    let duplicated: UInt64
    let isEqual: Bool
    /// Calls of what all share that were checked.
    let checked: UInt64
    /// What was wrong with those, if anything was.
    let flaw: String?
    private let hashes: [String]

    /// What one replica has at the end.
    struct Replica {
        var name: String
        /// The last update of each caller that it ran.
        var sequences: [UInt64: UInt64] = [:]
        var end = FleetEnd()
    }

    /// Judges replicas by what the callers know, those that are no more among them: the last update of each whose
    /// result it has.
    init(
        _ replicas: [Replica], acknowledged callers: [(caller: UInt64, sequence: UInt64)],
        _ history: FleetHistory = FleetHistory()
    ) {
        (checked, flaw) = (history.count, history.flaw)
        acknowledged = callers.reduce(0) { $0 + $1.sequence }
        let missing = replicas.map { replica in
            callers.reduce(UInt64(0)) { missing, call in
                let executed = replica.sequences[call.caller] ?? 0
                return missing + (call.sequence > executed ? call.sequence - executed : 0)
            }
        }
        lost = (missing.max() ?? 0) + (replicas.map(\.end.skipped).max() ?? 0)
        duplicated = replicas.map(\.end.repeated).max() ?? 0
        isEqual = Set(replicas.map(\.end.hash)).count == 1
        hashes = replicas.map { "\($0.name) \($0.end.hash.hexadecimal)" }
    }

    var isGood: Bool { lost == 0 && duplicated == 0 && isEqual && flaw == nil }

    /// One sentence.
    var sentence: String {
        let what = "\(acknowledged.grouped) updates were acknowledged"
        if lost > 0 || duplicated > 0 {
            return "\(what): \(lost.grouped) of them are lost, and \(duplicated.grouped) ran twice."
        }
        if let flaw { return flaw }
        if !isEqual { return "\(what), and the replicas differ: \(hashes.joined(separator: ", "))." }
        return "\(what), and each is on every replica exactly once."
    }
}
