/// What is wrong with a message.
enum RendezvousFlaw: Error, Equatable {
    /// It is of another version: nothing after its header can be relied on.
    case otherVersion(UInt16)
    case malformed(String)
}

/// Reads a message that may hold anything at all.
struct RendezvousReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws(RendezvousFlaw) -> Value {
        let taken = try take(MemoryLayout<Value>.size)
        var value: Value = 0
        withUnsafeMutableBytes(of: &value) { $0.copyBytes(from: taken) }
        return Value(littleEndian: value)
    }

    mutating func number(in range: ClosedRange<Int>) throws(RendezvousFlaw) -> Int {
        let value = Int(try integer(UInt16.self))
        guard range.contains(value) else { throw .malformed("\(value) is not within \(range)") }
        return value
    }

    mutating func size() throws(RendezvousFlaw) -> Int {
        guard let value = Int(exactly: try integer(UInt64.self)), value > 0 else {
            throw .malformed("it gives its region an impossible size")
        }
        return value
    }

    mutating func text(in range: ClosedRange<Int>) throws(RendezvousFlaw) -> String {
        let bytes = try take(try number(in: range))
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .malformed("it has a text that is not UTF-8")
        }
        return text
    }

    mutating func name() throws(RendezvousFlaw) -> String {
        try text(in: 1...RendezvousLimit.nameBytesMax)
    }

    mutating func sentence() throws(RendezvousFlaw) -> String {
        try text(in: 0...RendezvousLimit.sentenceBytesMax)
    }

    mutating func list<Item>(
        _ read: (inout RendezvousReader) throws(RendezvousFlaw) -> Item
    ) throws(RendezvousFlaw) -> [Item] {
        var items: [Item] = []
        for _ in 0..<(try number(in: 1...RendezvousLimit.membersMax)) { items.append(try read(&self)) }
        return items
    }

    func end() throws(RendezvousFlaw) {
        guard rest.isEmpty else { throw .malformed("\(rest.count) bytes follow its end") }
    }

    private mutating func take(_ count: Int) throws(RendezvousFlaw) -> ArraySlice<UInt8> {
        guard rest.count >= count else { throw .malformed("it ends too early") }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}

extension RendezvousMessage {
    init(decoding bytes: [UInt8]) throws(RendezvousFlaw) {
        var reader = RendezvousReader(bytes)
        guard try reader.integer(UInt32.self) == RendezvousWriter.magic else {
            throw .malformed("it is not from Lockstep")
        }
        let version = try reader.integer(UInt16.self)
        guard version == RendezvousLimit.wireVersion else { throw .otherVersion(version) }
        guard let kind = Kind(rawValue: try reader.integer(UInt8.self)) else {
            throw .malformed("it is of an unknown kind")
        }
        self = try Self.body(of: kind, from: &reader)
        try reader.end()
    }

    private static func body(
        of kind: Kind, from reader: inout RendezvousReader
    ) throws(RendezvousFlaw) -> RendezvousMessage {
        switch kind {
        case .hello: .hello(try RendezvousHello(from: &reader))
        case .reject: .reject(try reader.rejectCode(), sentence: try reader.sentence())
        case .waiting: try waiting(from: &reader)
        case .propose: try proposal(from: &reader)
        case .mapped: .mapped(attempt: try reader.integer(UInt64.self))
        case .failed: .failed(attempt: try reader.integer(UInt64.self), sentence: try reader.sentence())
        case .install: try installation(from: &reader)
        case .abandon: .abandon(attempt: try reader.integer(UInt64.self), sentence: try reader.sentence())
        case .leave: .leave
        case .gone: .gone(rank: try reader.rank(), try reader.goneReason())
        }
    }

    private static func waiting(from reader: inout RendezvousReader) throws(RendezvousFlaw) -> Self {
        let expected = try reader.number(in: 1...RendezvousLimit.membersMax)
        let present = try reader.list { reader throws(RendezvousFlaw) in try reader.name() }
        return .waiting(present: present, expected: expected)
    }

    private static func proposal(from reader: inout RendezvousReader) throws(RendezvousFlaw) -> Self {
        let attempt = try reader.integer(UInt64.self)
        let rank = try reader.rank()
        let members = try reader.list { reader throws(RendezvousFlaw) in try RendezvousMember(from: &reader) }
        guard rank < members.count else { throw .malformed("it gives a rank beyond the last member") }
        return .propose(attempt: attempt, rank: rank, members: members)
    }

    private static func installation(from reader: inout RendezvousReader) throws(RendezvousFlaw) -> Self {
        let attempt = try reader.integer(UInt64.self)
        let view = try reader.integer(UInt64.self)
        return .install(attempt: attempt, view: view, registrar: try reader.rank())
    }
}

extension RendezvousReader {
    fileprivate mutating func rank() throws(RendezvousFlaw) -> Int {
        try number(in: 0...(RendezvousLimit.membersMax - 1))
    }

    fileprivate mutating func rejectCode() throws(RendezvousFlaw) -> RejectCode {
        guard let code = RejectCode(rawValue: try integer(UInt8.self)) else {
            throw .malformed("it rejects for an unknown reason")
        }
        return code
    }

    fileprivate mutating func goneReason() throws(RendezvousFlaw) -> GoneReason {
        guard let reason = GoneReason(rawValue: try integer(UInt8.self)) else {
            throw .malformed("a member is gone for an unknown reason")
        }
        return reason
    }
}

extension RendezvousHello {
    fileprivate init(from reader: inout RendezvousReader) throws(RendezvousFlaw) {
        cluster = try reader.name()
        name = try reader.name()
        incarnation = try reader.integer(UInt64.self)
        expected = try reader.number(in: 1...RendezvousLimit.membersMax)
        regionSize = try reader.size()
    }
}

extension RendezvousMember {
    fileprivate init(from reader: inout RendezvousReader) throws(RendezvousFlaw) {
        name = try reader.name()
        incarnation = try reader.integer(UInt64.self)
        process = try reader.integer(Int32.self)
        regionSize = try reader.size()
    }
}
