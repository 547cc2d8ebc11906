import Lockstep

/// What a replicated call does with its arguments: encode, decode, and run a method by its number.
struct Call {
    static let method: UInt32 = 0x1234_5678

    /// Encodes a call of three integers in place, as into a ring.
    @inline(never)
    static func encode(_ values: (Int, Int, Int), into memory: UnsafeMutableRawBufferPointer) throws -> Int {
        memory.storeBytes(of: method.littleEndian, as: UInt32.self)
        var writer = WireWriter(lent: UnsafeMutableRawBufferPointer(rebasing: memory[4...]))
        try writer.write(values.0)
        try writer.write(values.1)
        try writer.write(values.2)
        return 4 + writer.count
    }

    /// Decodes a call and runs it.
    @inline(never)
    static func run(_ bytes: UnsafeRawBufferPointer, on counter: Counter) throws {
        switch UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)) {
        case method:
            var reader = WireReader(UnsafeRawBufferPointer(rebasing: bytes[4...]))
            let (a, b, c): (Int, Int, Int) = (try reader.read(), try reader.read(), try reader.read())
            try reader.finish()
            counter.add(a, b, c)
        default: counter.add(1, 1, 1)
        }
    }
}

/// What is called.
final class Counter {
    private(set) var sum = 0

    @inline(never)
    func add(_ a: Int, _ b: Int, _ c: Int) { sum = sum &+ a &+ b &+ c }
}
