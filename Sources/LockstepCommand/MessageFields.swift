/// The `name=value` words of a ``MemberMessage``.
struct MessageFields {
    private var values: [Substring: UInt64] = [:]
    /// True if something was taken that is not there.
    private(set) var isIncomplete = false

    init(_ words: some Sequence<Substring>) {
        for word in words {
            let parts = word.split(separator: "=")
            if parts.count == 2 { values[parts[0]] = UInt64(parts[1]) }
        }
    }

    /// The value of a field; 0 if there is none, and then the fields are incomplete.
    mutating func take(_ name: Substring) -> UInt64 {
        if values[name] == nil { isIncomplete = true }
        return values[name] ?? 0
    }
}
