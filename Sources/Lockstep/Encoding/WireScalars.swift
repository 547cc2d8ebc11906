// MARK: - Integers

extension Int: WireCodable {}
extension Int8: WireCodable {}
extension Int16: WireCodable {}
extension Int32: WireCodable {}
extension Int64: WireCodable {}
extension Int128: WireCodable {}
extension UInt: WireCodable {}
extension UInt8: WireCodable {}
extension UInt16: WireCodable {}
extension UInt32: WireCodable {}
extension UInt64: WireCodable {}
extension UInt128: WireCodable {}

extension WireWritable where Self: FixedWidthInteger {
    /// Writes the integer in its shortest form, which does not depend on the width of the type.
    @inlinable @inline(__always)
    public func write(to writer: inout WireWriter) {
        if isShort {
            writer.writeByte(UInt8(truncatingIfNeeded: self))
        } else {
            writeLong(to: &writer)
        }
    }

    @inlinable @inline(never)
    func writeLong(to writer: inout WireWriter) {
        if Self.bitWidth <= 64 || UInt64(exactly: magnitudeToWrite) != nil {
            writer.writeHead(self < 0 ? .negative : .unsigned, size: UInt64(truncatingIfNeeded: magnitudeToWrite))
        } else {
            writer.writeWide(self < 0 ? .wideNegative : .wideUnsigned, UInt128(truncatingIfNeeded: magnitudeToWrite))
        }
    }

    /// The bytes of the shortest form.
    @inlinable public var encodedSize: Int? {
        if isShort { return 1 }
        guard let size = UInt64(exactly: magnitudeToWrite) else { return 17 }
        return 1 + WireVarint.size(size)
    }

    /// True for 0 to 127, which are their own first byte.
    @inlinable var isShort: Bool { self & ~0x7F == 0 }

    /// What is written of a longer one: all ones complement each other in negative numbers.
    @inlinable var magnitudeToWrite: Self { self < 0 ? ~self : self }
}

extension WireReadable where Self: FixedWidthInteger {
    /// Reads an integer that was written from a type of any width.
    @inlinable @inline(__always)
    public init(wire reader: inout WireReader) throws {
        if let first = reader.peekByte(), first < WireTag.integerLimit {
            reader.offset &+= 1
            self = Self(truncatingIfNeeded: first)
        } else {
            self = try reader.readLongInteger()
        }
    }
}

extension WireWriter {
    @usableFromInline @inline(never)
    mutating func writeWide(_ tag: WireTag, _ size: UInt128) {
        room.reserve(17)
        room.store(tag.rawValue)
        room.store(size)
    }
}

extension WireReader {
    @inlinable @inline(never)
    mutating func readLongInteger<T: FixedWidthInteger>() throws -> T {
        let start = offset
        if peekByte() == WireTag.unsigned.rawValue {
            offset += 1
            let size = try readVarint()
            if size >= UInt64(WireTag.integerLimit), let value = T(exactly: size) { return value }
            offset = start
        }
        return try readAnyInteger()
    }

    @usableFromInline @inline(never)
    mutating func readAnyInteger<T: FixedWidthInteger>() throws -> T {
        let start = offset
        let head = try readPresentHead()
        let value: T? =
            switch head {
            case .unsigned(let size): T(exactly: size)
            case .negative(let complement): T(complementOf: complement)
            case .wideUnsigned(let size): T(exactly: size)
            case .wideNegative(let complement): T(complementOf: complement)
            default: throw unexpected(head, expected: "an integer", at: start)
            }
        guard let value else { throw WireError.outOfRange(offset: start, type: "\(T.self)") }
        return value
    }
}

extension FixedWidthInteger {
    fileprivate init?<T: FixedWidthInteger>(complementOf complement: T) {
        guard Self.isSigned, let value = Self(exactly: complement) else { return nil }
        self = ~value
    }
}

// MARK: - Floating point

extension Float: WireCodable {
    /// Writes the bits.
    @inlinable @inline(__always)
    public func write(to writer: inout WireWriter) {
        writer.room.reserve(5)
        writer.room.store(WireTag.float.rawValue)
        writer.room.store(writer.unifiesNaN && isNaN ? Float.nan.bitPattern : bitPattern)
    }

    /// Reads the bits.
    @inlinable @inline(__always)
    public init(wire reader: inout WireReader) throws {
        self.init(bitPattern: try reader.takeFixed(.float) ?? reader.readFloatBits())
    }

    /// Always 5.
    @inlinable public var encodedSize: Int? { 5 }
}

extension Double: WireCodable {
    /// Writes the bits.
    @inlinable @inline(__always)
    public func write(to writer: inout WireWriter) {
        writer.room.reserve(9)
        writer.room.store(WireTag.double.rawValue)
        writer.room.store(writer.unifiesNaN && isNaN ? Double.nan.bitPattern : bitPattern)
    }

    /// Reads the bits.
    @inlinable @inline(__always)
    public init(wire reader: inout WireReader) throws {
        self.init(bitPattern: try reader.takeFixed(.double) ?? reader.readDoubleBits())
    }

    /// Always 9.
    @inlinable public var encodedSize: Int? { 9 }
}

extension WireReader {
    /// Reads a tag and the integer of a fixed width behind it, if they stand here.
    @inlinable @inline(__always)
    mutating func takeFixed<T: FixedWidthInteger & BitwiseCopyable>(_ tag: WireTag) -> T? {
        let size = MemoryLayout<T>.size
        guard left > size, peekByte() == tag.rawValue else { return nil }
        defer { offset += 1 + size }
        return T(littleEndian: base.loadUnaligned(fromByteOffset: offset + 1, as: T.self))
    }

    @usableFromInline @inline(never)
    mutating func readFloatBits() throws -> UInt32 {
        let start = offset
        let head = try readPresentHead()
        guard case .float(let bits) = head else { throw unexpected(head, expected: "a Float", at: start) }
        return bits
    }

    @usableFromInline @inline(never)
    mutating func readDoubleBits() throws -> UInt64 {
        let start = offset
        let head = try readPresentHead()
        guard case .double(let bits) = head else { throw unexpected(head, expected: "a Double", at: start) }
        return bits
    }
}

// MARK: - Bool

extension Bool: WireCodable {
    /// Writes one byte.
    @inlinable @inline(__always)
    public func write(to writer: inout WireWriter) { writer.writeTag(self ? .yes : .no) }

    /// Reads one byte.
    @inlinable @inline(__always)
    public init(wire reader: inout WireReader) throws {
        switch reader.peekByte() {
        case WireTag.no.rawValue: self = false
        case WireTag.yes.rawValue: self = true
        default:
            self = try reader.readAnyBool()
            return
        }
        reader.offset += 1
    }

    /// Always 1.
    @inlinable public var encodedSize: Int? { 1 }
}

extension WireReader {
    @usableFromInline @inline(never)
    mutating func readAnyBool() throws -> Bool {
        let start = offset
        let head = try readPresentHead()
        guard case .bool(let value) = head else { throw unexpected(head, expected: "a Bool", at: start) }
        return value
    }
}
