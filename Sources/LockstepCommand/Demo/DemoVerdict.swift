import LockstepTesting

/// Whether a demonstration went well, and the sentences that say so.
struct DemoVerdict {
    /// True if every member gave the same result and nothing failed.
    let isGood: Bool
    /// What to print, the most important last.
    let sentences: [String]

    /// Judges members that have ended.
    init(_ members: [DemoWatch]) {
        let complaints = members.flatMap(\.complaints)
        let comparison = Comparison(members.compactMap { member in member.result.map { (member.name, $0) } })
        isGood = complaints.isEmpty && comparison.isEqual && comparison.count == members.count
        sentences = complaints + comparison.sentences(outOf: members.count)
    }
}

extension DemoWatch {
    /// What is wrong with one member, each followed by what it said last.
    fileprivate var complaints: [String] {
        let faults = [obituary, silence, failures, badLeave].compactMap { $0 }
        return faults.isEmpty ? [] : faults + log.map { "    \(name): \($0)" }
    }

    private var silence: String? {
        let isSilent = result == nil && earlyEnd == nil
        return isSilent ? "\(name) (process \(process.id)) gave no result in time." : nil
    }

    private var failures: String? {
        guard let count = result?.failures, count > 0 else { return nil }
        return "\(count == 1 ? "One call" : "\(count.grouped) calls") of \(name) failed."
    }

    /// Asked to leave, a member ends with code 0.
    private var badLeave: String? {
        guard earlyEnd == nil, result != nil else { return nil }
        guard let status = process.status, !status.isSuccess else { return nil }
        return "\(name) (process \(process.id)) did not leave well: it \(status)."
    }
}

/// The copies that gave a result, beside each other.
struct Comparison {
    private let results: [(name: String, result: DemoResult)]

    init(_ results: [(name: String, result: DemoResult)]) { self.results = results }

    /// How many gave a result.
    var count: Int { results.count }

    /// True if all copies are equal and have done something.
    var isEqual: Bool {
        guard let first = results.first?.result else { return false }
        return first.updates > 0
            && results.allSatisfy { $0.result.updates == first.updates && $0.result.hash == first.hash }
    }

    /// What the comparison says.
    func sentences(outOf members: Int) -> [String] {
        guard let first = results.first?.result else { return ["No member has a result to compare."] }
        if first.updates == 0 { return ["No update was executed."] }
        if !isEqual { return ["The copies differ:"] + results.map { "    \($0.name): \(state($0.result))" } }
        return ["\(subject(outOf: members)): \(state(first))."]
    }

    private func subject(outOf members: Int) -> String {
        if members == 1 { return "The only copy is complete" }
        if count == 1 { return "One copy is left" }
        let copies = count == 2 && members == 2 ? "Both" : "All \(count.spelled)"
        return count == members
            ? "\(copies) copies are equal"
            : "The \(count.spelled) copies that are left are equal"
    }

    private func state(_ result: DemoResult) -> String {
        "\(result.updates.grouped) update\(result.updates == 1 ? "" : "s"), hash \(result.hash.hexadecimal)"
    }
}
