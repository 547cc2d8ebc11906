/// The bytes of a benchmark's messages: each is written, and each is read.
///
/// Unsafe memory stays in here: the loops are over plain words, for the compiler to make vectors of.
enum Payload {
    /// Fills a message with words that count up from one that depends on its number, and returns their sum.
    @inline(__always)
    static func fill(_ bytes: inout MutableRawSpan, number: UInt64) -> UInt64 {
        bytes.withUnsafeMutableBytes { fill($0.baseAddress, $0.count, number) }
    }

    /// The sum of the words of a message, and of the bytes behind the last whole word.
    @inline(__always)
    static func sum(_ bytes: RawSpan) -> UInt64 {
        bytes.withUnsafeBytes { sum($0.baseAddress, $0.count) }
    }

    /// Fills messages that lie behind each other, `stride` bytes apart.
    @inline(__always)
    static func fill(
        _ bytes: UnsafeMutableRawBufferPointer, messageSize: Int, stride: Int, firstNumber: UInt64
    ) -> UInt64 {
        var sum: UInt64 = 0
        var number = firstNumber
        for offset in Swift.stride(from: 0, to: bytes.count, by: stride) {
            sum &+= fill(bytes.baseAddress.map { $0 + offset }, messageSize, number)
            number &+= 1
        }
        return sum
    }

    /// The sum of messages that lie behind each other.
    @inline(__always)
    static func sum(_ bytes: UnsafeRawBufferPointer, messageSize: Int, stride: Int) -> UInt64 {
        var total: UInt64 = 0
        for offset in Swift.stride(from: 0, to: bytes.count, by: stride) {
            total &+= sum(bytes.baseAddress.map { $0 + offset }, messageSize)
        }
        return total
    }

    // MARK: - One message

    @inline(__always)
    private static func fill(_ start: UnsafeMutableRawPointer?, _ count: Int, _ number: UInt64) -> UInt64 {
        guard let start else { return 0 }
        let first = number &* 0x9E37_79B9_7F4A_7C15
        if count >= longMin { return fillLong(start, count, first) }
        return fillWords(start, count, first)
    }

    @inline(__always)
    private static func fillWords(_ start: UnsafeMutableRawPointer, _ count: Int, _ first: UInt64) -> UInt64 {
        var sum: UInt64 = 0
        let words = count / 8
        for index in 0..<words {
            let word = first &+ UInt64(truncatingIfNeeded: index)
            start.storeBytes(of: word.littleEndian, toByteOffset: index &* 8, as: UInt64.self)
            sum &+= word
        }
        var rest = first
        for offset in words * 8..<count {
            let byte = UInt8(truncatingIfNeeded: rest)
            start.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
            sum &+= UInt64(byte)
            rest >>= 8
        }
        return sum
    }

    @inline(__always)
    private static func sum(_ start: UnsafeRawPointer?, _ count: Int) -> UInt64 {
        guard let start else { return 0 }
        return count >= longMin ? sumLong(start, count) : sumWords(start, count)
    }

    @inline(__always)
    private static func sumWords(_ start: UnsafeRawPointer, _ count: Int) -> UInt64 {
        var sum: UInt64 = 0
        let words = count / 8
        for index in 0..<words {
            let word = start.loadUnaligned(fromByteOffset: index &* 8, as: UInt64.self)
            sum &+= UInt64(littleEndian: word)
        }
        for offset in words * 8..<count {
            sum &+= UInt64(start.load(fromByteOffset: offset, as: UInt8.self))
        }
        return sum
    }

    // MARK: - A long one

    // In blocks of several vectors, so that the speed of these loops does not depend on where the compiler has put them:
    // it did by a factor of two.

    private typealias Block = SIMD8<UInt64>
    private static let longMin = 1024

    @inline(never)
    private static func fillLong(_ start: UnsafeMutableRawPointer, _ count: Int, _ first: UInt64) -> UInt64 {
        var block = Block(0, 1, 2, 3, 4, 5, 6, 7) &+ first
        var sums = Block.zero
        let blocks = count / MemoryLayout<Block>.size
        for index in 0..<blocks {
            start.storeBytes(of: block, toByteOffset: index &* MemoryLayout<Block>.size, as: Block.self)
            sums &+= block
            block &+= UInt64(Block.scalarCount)
        }
        let done = blocks * MemoryLayout<Block>.size
        return sums.wrappedSum() &+ fillWords(start + done, count - done, block[0])
    }

    @inline(never)
    private static func sumLong(_ start: UnsafeRawPointer, _ count: Int) -> UInt64 {
        var sums = Block.zero
        let blocks = count / MemoryLayout<Block>.size
        for index in 0..<blocks {
            sums &+= start.loadUnaligned(fromByteOffset: index &* MemoryLayout<Block>.size, as: Block.self)
        }
        let done = blocks * MemoryLayout<Block>.size
        return sums.wrappedSum() &+ sumWords(start + done, count - done)
    }
}
