/// What is wrong with a message.
enum ControlFlaw: Error, Equatable {
    /// It is of another version: nothing after its header can be relied on.
    case otherVersion(UInt16)
    case malformed(String)
    /// It does not prove that its sender knows the cluster's key.
    case otherKey
}

/// Reads a message that may hold anything at all.
struct ControlReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    /// The number that says which message it is.
    mutating func kind() throws(ControlFlaw) -> UInt8 {
        guard try integer(UInt32.self) == ControlWriter.magic else { throw .malformed("it is not from Lockstep") }
        let version = try integer(UInt16.self)
        guard version == ControlLimit.wireVersion else { throw .otherVersion(version) }
        return try integer(UInt8.self)
    }

    mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws(ControlFlaw) -> Value {
        let taken = try take(MemoryLayout<Value>.size)
        var value: Value = 0
        withUnsafeMutableBytes(of: &value) { $0.copyBytes(from: taken) }
        return Value(littleEndian: value)
    }

    mutating func number(in range: ClosedRange<Int>) throws(ControlFlaw) -> Int {
        let value = Int(try integer(UInt16.self))
        guard range.contains(value) else { throw .malformed("\(value) is not within \(range)") }
        return value
    }

    mutating func size() throws(ControlFlaw) -> Int {
        guard let value = Int(exactly: try integer(UInt64.self)), value > 0 else {
            throw .malformed("it gives its region an impossible size")
        }
        return value
    }

    mutating func text(in range: ClosedRange<Int>) throws(ControlFlaw) -> String {
        let bytes = try take(try number(in: range))
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .malformed("it has a text that is not UTF-8")
        }
        return text
    }

    mutating func name() throws(ControlFlaw) -> String {
        try text(in: 1...ControlLimit.nameBytesMax)
    }

    mutating func sentence() throws(ControlFlaw) -> String {
        try text(in: 0...ControlLimit.sentenceBytesMax)
    }

    mutating func address() throws(ControlFlaw) -> NodeAddress? {
        let text = try sentence()
        guard !text.isEmpty else { return nil }
        guard let address = NodeAddress(text) else { throw .malformed("it has an address that is none") }
        return address
    }

    mutating func list<Item>(
        _ read: (inout ControlReader) throws(ControlFlaw) -> Item
    ) throws(ControlFlaw) -> [Item] {
        var items: [Item] = []
        for _ in 0..<(try number(in: 1...ControlLimit.membersMax)) { items.append(try read(&self)) }
        return items
    }

    mutating func bytes(_ count: Int) throws(ControlFlaw) -> [UInt8] { Array(try take(count)) }

    /// Everything that follows.
    mutating func remainder() -> [UInt8] {
        defer { rest = [] }
        return Array(rest)
    }

    func end() throws(ControlFlaw) {
        guard rest.isEmpty else { throw .malformed("\(rest.count) bytes follow its end") }
    }

    private mutating func take(_ count: Int) throws(ControlFlaw) -> ArraySlice<UInt8> {
        guard rest.count >= count else { throw .malformed("it ends too early") }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}
