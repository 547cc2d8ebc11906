/// What was noted of all callers of a fleet.
struct FleetAccount: Codable {
    private(set) var callers: [UInt64: Entry] = [:]
    /// Updates that ran though they had run before.
    private(set) var repeated: UInt64 = 0
    /// Updates that had not run when a later one of the same caller did.
    private(set) var skipped: UInt64 = 0

    /// The last update of a caller.
    struct Entry: Codable {
        var sequence: UInt64 = 0
        var attempt: UInt64 = 0
    }

    /// Notes an update of a caller. One with a higher attempt may have run before: the caller did not know.
    mutating func note(_ sequence: UInt64, attempt: UInt64, of caller: UInt64) {
        let last = callers[caller] ?? Entry()
        let isRetry = sequence == last.sequence && attempt > last.attempt
        if sequence <= last.sequence && !isRetry { repeated += 1 }
        if sequence > last.sequence + 1 { skipped += sequence - last.sequence - 1 }
        if sequence >= last.sequence { callers[caller] = Entry(sequence: sequence, attempt: attempt) }
    }
}
