/// Varints of up to 8 bytes, all of whose bytes are looked at together.
@usableFromInline
enum WireVarint {
    /// How many bytes an integer takes, 1 to 10.
    @inlinable @inline(__always)
    static func size(_ value: UInt64) -> Int { (70 &- (value | 1).leadingZeroBitCount) / 7 }

    /// Gives each seven of the lowest 56 bits a byte of its own.
    @inlinable @inline(__always)
    static func spread(_ value: UInt64) -> UInt64 {
        var word = value & 0x0FFF_FFFF | (value & 0x00FF_FFFF_F000_0000) << 4
        word = word & 0x0000_3FFF_0000_3FFF | (word & 0x0FFF_C000_0FFF_C000) << 2
        return word & 0x007F_007F_007F_007F | (word & 0x3F80_3F80_3F80_3F80) << 1
    }

    /// The integer that begins with the lowest byte, and how many bytes it takes; nil if it takes more than there are, or
    /// more than it need.
    @inlinable @inline(__always)
    static func read(_ word: UInt64) -> (value: UInt64, size: Int)? {
        let ends = ~word & 0x8080_8080_8080_8080
        guard ends != 0 else { return nil }
        let lastBit = UInt64(ends.trailingZeroBitCount)
        // Everything up to the lowest end, without the bits that say whether it is one.
        let bytes = word & (ends ^ (ends &- 1)) & 0x7F7F_7F7F_7F7F_7F7F
        guard lastBit == 7 || bytes &>> (lastBit &- 7) != 0 else { return nil }
        var value = bytes & 0x007F_007F_007F_007F | (bytes & 0x7F00_7F00_7F00_7F00) >> 1
        value = value & 0x0000_3FFF_0000_3FFF | (value & 0x3FFF_0000_3FFF_0000) >> 2
        value = value & 0x0FFF_FFFF | (value & 0x0FFF_FFFF_0000_0000) >> 4
        return (value, Int(lastBit / 8 &+ 1))
    }
}
