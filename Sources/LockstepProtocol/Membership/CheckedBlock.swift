import LockstepFabric

/// Words of a region that a number elsewhere vouches for.
///
/// The number says under which key the words were written. A checksum over both tells a reader whether it has all of
/// them: after a broken channel newer words may arrive before the number that goes with them, in any order.
struct CheckedBlock {
    let start: Int
    /// How many words fit.
    let capacity: Int

    /// What the words belong to.
    struct Key {
        let view: UInt64
        let number: UInt64
    }

    static func size(capacity: Int) -> Int { (2 + capacity) * 8 }

    var range: Range<Int> { start..<start + Self.size(capacity: capacity) }

    /// Writes the words, and returns what must be pushed of the block.
    func write(_ words: [UInt64], key: Key, to region: Region) -> Range<Int> {
        precondition(words.count <= capacity, "whoever writes a block must have seen that the words fit")
        region.storeReleasing(UInt64(words.count), at: start)
        region.storeReleasing(Self.checksum(words, key), at: start + 8)
        for (index, word) in words.enumerated() { region.storeReleasing(word, at: start + 16 + index * 8) }
        return start..<start + Self.size(capacity: words.count)
    }

    /// The words that were written under a key, nil if not all of them are here.
    func read(key: Key, from mirror: Mirror) -> [UInt64]? {
        let count = mirror.loadAcquiring(start)
        guard count <= UInt64(capacity) else { return nil }
        let checksum = mirror.loadAcquiring(start + 8)
        let words = (0..<Int(count)).map { mirror.loadAcquiring(start + 16 + $0 * 8) }
        return Self.checksum(words, key) == checksum ? words : nil
    }

    /// A multiplicative hash whose every step can be undone, so that any one changed word changes it.
    private static func checksum(_ words: [UInt64], _ key: Key) -> UInt64 {
        ([key.view, key.number, UInt64(words.count)] + words).reduce(0x9E37_79B9_7F4A_7C15) { hash, word in
            let mixed = (hash ^ word) &* 0xFF51_AFD7_ED55_8CCD
            return mixed ^ mixed >> 32
        }
    }
}
