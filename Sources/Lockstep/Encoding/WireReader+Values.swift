extension WireReader {
    /// Reads what stands before the contents of a value.
    mutating func readHead() throws -> WireHead {
        let start = offset
        let first = try readByte()
        if first < WireTag.integerLimit { return .unsigned(UInt64(first)) }
        if let tag = WireTag(rawValue: first) { return try readHead(after: tag, at: start) }
        let count = Int(first - WireTag.integerLimit)
        guard count < WireTag.shortStringLimit else {
            throw WireError.malformed(offset: start, reason: "no value begins with \(first)")
        }
        guard count <= left else {
            throw WireError.truncated(offset: offset, needed: count, left: left)
        }
        return .string(count: count)
    }

    private mutating func readHead(after tag: WireTag, at start: Int) throws -> WireHead {
        switch tag {
        case .absent: .absent
        case .some: .some
        case .no: .bool(false)
        case .yes: .bool(true)
        case .unsigned: .unsigned(try least(UInt64(WireTag.integerLimit), try readVarint(), at: start))
        case .negative: .negative(complement: try readVarint())
        case .wideUnsigned: .wideUnsigned(try least(1 << 64, try readFixed(), at: start))
        case .wideNegative: .wideNegative(complement: try least(1 << 64, try readFixed(), at: start))
        case .float: .float(try readFixed())
        case .double: .double(try readFixed())
        case .string: .string(count: try least(WireTag.shortStringLimit, try readCount(), at: start))
        case .bytes: .bytes(count: try readCount())
        case .array: .array(count: try readCount())
        case .set: .set(count: try readCount())
        case .map: .map(count: try readCount(size: 2))
        }
    }

    /// Checks that a value is not written in a longer form than it need be.
    private func least<T: Comparable>(_ least: T, _ value: T, at start: Int) throws -> T {
        guard value >= least else {
            throw WireError.malformed(offset: start, reason: "a value is longer than it need be")
        }
        return value
    }

    /// Reads what stands before the contents of a value that is not optional.
    mutating func readPresentHead() throws -> WireHead {
        for _ in 0..<WireLimit.depth {
            let head = try readHead()
            guard case .some = head else { return head }
        }
        throw WireError.tooDeep(limit: WireLimit.depth)
    }

    /// True if nil stands here.
    func isNil() throws -> Bool {
        var reader = self
        guard case .absent = try reader.readHead() else { return false }
        return true
    }
}

// MARK: - Skipping

extension WireReader {
    /// Reads over a value and checks its form: all but the UTF-8 of strings.
    mutating func skip() throws {
        switch try readPresentHead() {
        case .string(let count), .bytes(let count): offset += count
        case .array(let count): try readContents { for _ in 0..<count { try $0.skip() } }
        case .set(let count): try readContents { try $0.skipKeys(count) { _ in } }
        case .map(let count): try readContents { try $0.skipKeys(count) { try $0.skip() } }
        default: break
        }
    }

    private mutating func skipKeys(_ count: Int, then body: (inout WireReader) throws -> Void) throws {
        var keys = WireOrder()
        for _ in 0..<count {
            let start = offset
            try skip()
            try keys.check(start..<offset, in: buffer)
            try body(&self)
        }
    }
}

/// Checks that keys ascend.
struct WireOrder {
    private var last: Range<Int>?

    /// Notes the next key, which must be above the last one.
    mutating func check(_ key: Range<Int>, in buffer: UnsafeRawBufferPointer) throws {
        if let last, buffer.order(last, key) >= 0 { throw WireError.unordered(offset: key.lowerBound) }
        last = key
    }
}

extension UnsafeRawBufferPointer {
    /// Compares two of its parts byte by byte: below zero if the first comes first, zero if they are equal.
    func order(_ one: Range<Int>, _ other: Range<Int>) -> Int {
        order(one, UnsafeRawBufferPointer(rebasing: self[other]))
    }

    /// Compares a part with other bytes.
    func order(_ part: Range<Int>, _ other: UnsafeRawBufferPointer) -> Int {
        for index in 0..<Swift.min(part.count, other.count) {
            let difference = Int(self[part.lowerBound + index]) - Int(other[index])
            if difference != 0 { return difference }
        }
        return part.count - other.count
    }
}
