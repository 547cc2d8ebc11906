import Glibc

/// What the members of one group have sent: the truth that deliveries are compared with.
package struct MessageLedger {
    private struct Entry {
        let payload: [UInt8]
        /// How many pushes had been posted to each node, once those of this message had.
        var postedCounts: [Int] = []
    }

    private let group: Int
    private var entries: [[Entry]]
    /// How many messages of each sender have been pushed.
    private var pushedCounts: [Int]

    package init(group: Int, memberCount: Int) {
        self.group = group
        entries = Array(repeating: [], count: memberCount)
        pushedCounts = Array(repeating: 0, count: memberCount)
    }

    /// How many messages each member wanted to send.
    package var sentCounts: [Int] { entries.map(\.count) }

    /// Makes a sender's next message, which says whose it is and is like no other: its number in the ledger.
    package mutating func add(size: Int, sender: Int) -> Int {
        let sequence = entries[sender].count
        let identity = UInt64(group) << 56 | UInt64(sender) << 48 | UInt64(sequence)
        entries[sender].append(Entry(payload: Self.filler(identity, size)))
        return sequence
    }

    package func payload(_ sequence: Int, of sender: Int) -> [UInt8] { entries[sender][sequence].payload }

    /// The bytes of all messages below `count` have been posted.
    package mutating func notePushed(below count: Int, of sender: Int, postedCounts: [Int]) {
        for sequence in pushedCounts[sender]..<max(count, pushedCounts[sender]) {
            entries[sender][sequence].postedCounts = postedCounts
        }
        pushedCounts[sender] = max(count, pushedCounts[sender])
    }

    /// How many pushes of the sender a node must have got to hold a message; nil if it has not been pushed.
    package func pushesNeeded(_ sequence: Int, of sender: Int, at node: Int) -> Int? {
        sequence < pushedCounts[sender] ? entries[sender][sequence].postedCounts[node] : nil
    }

    /// Which message of a sender these bytes are, the expected one if it is the same.
    package func identify(_ bytes: UnsafeRawBufferPointer, of sender: Int, expected: Int) -> Int? {
        let sent = entries[sender]
        if expected < sent.count, Self.isEqual(sent[expected].payload, bytes) { return expected }
        return sent.firstIndex { Self.isEqual($0.payload, bytes) }
    }

    private static func isEqual(_ payload: [UInt8], _ bytes: UnsafeRawBufferPointer) -> Bool {
        guard payload.count == bytes.count else { return false }
        guard let right = bytes.baseAddress else { return true }
        return payload.withUnsafeBytes { left in
            left.baseAddress.map { memcmp($0, right, bytes.count) == 0 } ?? true
        }
    }

    /// The identity, as far as there is room for it, and then noise that follows from it.
    private static func filler(_ identity: UInt64, _ size: Int) -> [UInt8] {
        var random = SeededRandom(seed: identity)
        var words = [identity]
        while words.count * 8 < size { words.append(random.next()) }
        return words.withUnsafeBytes { Array($0.prefix(size)) }
    }
}
