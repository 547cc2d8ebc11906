/// The arguments of one call, encoded.
public struct CallArguments: Sendable {
    @usableFromInline var room = WireRoom()

    /// Makes the arguments of a call that has none yet.
    package init() {}

    /// Makes arguments that fill lent memory first: part of a ring, or a buffer that is used again and again. It must
    /// outlive the arguments and their copies, of which only one may go on.
    package init(lent memory: UnsafeMutableRawBufferPointer) { room = WireRoom(lent: memory) }

    /// The arguments, one after the other, copied.
    package var bytes: [UInt8] { Array(room.filled) }

    /// The bytes of the arguments.
    package var byteCount: Int { room.count }

    /// True if everything stands in the memory that was lent.
    package var fitsInLentMemory: Bool { !room.hasGrown }

    /// The same in memory of their own, to be kept for longer than what was lent.
    var kept: CallArguments {
        guard fitsInLentMemory else { return self }
        var kept = CallArguments()
        kept.add(encoded: self)
        return kept
    }

    /// Lets something read the arguments without a copy.
    package func withBytes<R, E>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(room.filled)
    }

    /// Forgets the arguments, but keeps the memory.
    package mutating func removeAll() { room.count = 0 }

    /// Appends arguments that are encoded already.
    mutating func add(encoded other: CallArguments) {
        withWriter { writer in other.withBytes { writer.writeRaw($0) } }
    }

    /// Appends arguments that somebody else has encoded.
    mutating func add(encodedBytes bytes: [UInt8]) {
        withWriter { writer in bytes.withUnsafeBytes { writer.writeRaw($0) } }
    }

    /// Appends an argument.
    ///
    /// Equal arguments have equal bytes, whatever the order in which a set or a dictionary was filled. An
    /// error that `encode(to:)` throws is thrown as it is, and leaves the arguments before it.
    public mutating func add<T: Codable>(_ value: T) throws {
        try withWriter { try $0.write(value) }
    }

    /// Appends an argument of a type with the fast path.
    @inlinable @inline(__always)
    public mutating func add<T: WireCodable>(_ value: T) throws {
        try withWriter { try value.write(to: &$0) }
    }

    /// Appends an array of elements with the fast path.
    @inlinable
    public mutating func add<T: WireCodable>(_ value: [T]) throws {
        try withWriter { try $0.write(value) }
    }

    /// Appends nil or an argument with the fast path.
    @inlinable
    public mutating func add<T: WireCodable>(_ value: T?) throws {
        try withWriter { try $0.write(value) }
    }

    @inlinable @inline(__always)
    mutating func withWriter(_ body: (inout WireWriter) throws -> Void) rethrows {
        room.becomeOnlyOwner()
        let start = room.count
        var writer = WireWriter(room: room.take())
        do {
            try body(&writer)
            room = writer.room
        } catch {
            room = writer.room
            room.count = start
            throw error
        }
    }
}
