// MARK: - Integers

extension Int: Wire {}
extension Int8: Wire {}
extension Int16: Wire {}
extension Int32: Wire {}
extension Int64: Wire {}
extension Int128: Wire {}
extension UInt: Wire {}
extension UInt8: Wire {}
extension UInt16: Wire {}
extension UInt32: Wire {}
extension UInt64: Wire {}
extension UInt128: Wire {}

extension FixedWidthInteger {
    /// Writes the integer in its shortest form, which does not depend on the width of the type.
    package func write(to writer: inout WireWriter) {
        let size = self < 0 ? ~self : self
        if self >= 0, size < WireTag.integerLimit {
            writer.writeByte(UInt8(truncatingIfNeeded: size))
        } else if let short = UInt64(exactly: size) {
            writer.writeHead(self < 0 ? .negative : .unsigned, size: short)
        } else {
            writer.writeTag(self < 0 ? .wideNegative : .wideUnsigned)
            writer.writeFixed(UInt128(truncatingIfNeeded: size))
        }
    }

    /// Reads an integer that was written from a type of any width.
    package init(wire reader: inout WireReader) throws {
        let start = reader.offset
        let head = try reader.readPresentHead()
        let value: Self? =
            switch head {
            case .unsigned(let size): Self(exactly: size)
            case .negative(let complement): Self(complementOf: complement)
            case .wideUnsigned(let size): Self(exactly: size)
            case .wideNegative(let complement): Self(complementOf: complement)
            default: throw reader.unexpected(head, expected: "an integer", at: start)
            }
        guard let value else { throw WireError.outOfRange(offset: start, type: "\(Self.self)") }
        self = value
    }

    private init?<T: FixedWidthInteger>(complementOf complement: T) {
        guard Self.isSigned, let value = Self(exactly: complement) else { return nil }
        self = ~value
    }
}

extension WireWriter {
    fileprivate mutating func writeHead(_ tag: WireTag, size: UInt64) {
        writeTag(tag)
        writeVarint(size)
    }
}

// MARK: - Floating point

extension Float: Wire {
    /// Writes the bits.
    package func write(to writer: inout WireWriter) {
        writer.writeTag(.float)
        writer.writeFixed(writer.unifiesNaN && isNaN ? Float.nan.bitPattern : bitPattern)
    }

    /// Reads the bits.
    package init(wire reader: inout WireReader) throws {
        let start = reader.offset
        let head = try reader.readPresentHead()
        guard case .float(let bits) = head else {
            throw reader.unexpected(head, expected: "a Float", at: start)
        }
        self.init(bitPattern: bits)
    }
}

extension Double: Wire {
    /// Writes the bits.
    package func write(to writer: inout WireWriter) {
        writer.writeTag(.double)
        writer.writeFixed(writer.unifiesNaN && isNaN ? Double.nan.bitPattern : bitPattern)
    }

    /// Reads the bits.
    package init(wire reader: inout WireReader) throws {
        let start = reader.offset
        let head = try reader.readPresentHead()
        guard case .double(let bits) = head else {
            throw reader.unexpected(head, expected: "a Double", at: start)
        }
        self.init(bitPattern: bits)
    }
}

// MARK: - Bool and String

extension Bool: Wire {
    /// Writes one byte.
    package func write(to writer: inout WireWriter) {
        writer.writeTag(self ? .yes : .no)
    }

    /// Reads one byte.
    package init(wire reader: inout WireReader) throws {
        let start = reader.offset
        let head = try reader.readPresentHead()
        guard case .bool(let value) = head else {
            throw reader.unexpected(head, expected: "a Bool", at: start)
        }
        self = value
    }
}

extension String: Wire {
    /// Writes the UTF-8 as it is: strings that are equal only as Unicode sees it have different bytes.
    package func write(to writer: inout WireWriter) {
        let text = utf8
        let count = text.count
        if count < WireTag.shortStringLimit {
            writer.writeByte(WireTag.integerLimit + UInt8(count))
        } else {
            writer.writeHead(.string, count: count)
        }
        writer.writeRaw(text)
    }

    /// Reads UTF-8, which must be valid.
    package init(wire reader: inout WireReader) throws {
        let start = reader.offset
        let head = try reader.readPresentHead()
        guard case .string(let count) = head else {
            throw reader.unexpected(head, expected: "a String", at: start)
        }
        guard let text = String(validating: try reader.readRaw(count), as: UTF8.self) else {
            throw WireError.malformed(offset: start, reason: "a string is not UTF-8")
        }
        self = text
    }
}
