/// What travels on a connection of the fabric: frames, each a head of one little-endian word and then the bytes for the
/// receiver's mirror. The head has the number of bytes in its upper 24 bits and their offset in the lower 40.
///
/// A frame without bytes asks the receiver to wake its thread, behind everything before it.
enum TCPFrame {
    static let headSize = 8
    /// Longer pushes are several frames.
    static let bytesMax = 1 << 23
    /// So many bytes are read at once: they are still in the core's own cache when they are put into the mirror. (Three
    /// members on two cores, 10 KB messages: a fifth more than with four times as many.)
    static let readMax = 1 << 16
    /// Asks to be woken.
    static let wake: UInt64 = 0

    private static let offsetBits = 40

    static func head(of range: Range<Int>) -> UInt64 {
        UInt64(range.count) << offsetBits | UInt64(range.lowerBound)
    }

    /// The range that a head announces; nil if no correct peer with a region of that size sends it.
    static func range(_ head: UInt64, within size: Int) -> Range<Int>? {
        let (start, count) = (Int(head & (1 << offsetBits - 1)), Int(head >> offsetBits))
        guard count <= bytesMax, (start | count) & 7 == 0, start <= size, count <= size - start else { return nil }
        return start..<start + count
    }
}
