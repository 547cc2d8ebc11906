extension RendezvousMessage {
    init(decoding bytes: [UInt8]) throws(ControlFlaw) {
        var reader = ControlReader(bytes)
        guard let kind = Kind(rawValue: try reader.kind()) else { throw .malformed("it is of an unknown kind") }
        self = try Self.body(of: kind, from: &reader)
        try reader.end()
    }

    private static func body(
        of kind: Kind, from reader: inout ControlReader
    ) throws(ControlFlaw) -> RendezvousMessage {
        switch kind {
        case .handshake: .handshake(try HandshakeMessage(from: &reader))
        case .hello: .hello(try RendezvousHello(from: &reader))
        case .reject: .reject(try reader.rejectCode(), sentence: try reader.sentence())
        case .waiting: try waiting(from: &reader)
        case .propose: try proposal(from: &reader)
        case .ready: .ready(attempt: try reader.integer(UInt64.self))
        case .failed: .failed(attempt: try reader.integer(UInt64.self), sentence: try reader.sentence())
        case .install: .install(attempt: try reader.integer(UInt64.self))
        case .abandon: .abandon(attempt: try reader.integer(UInt64.self), sentence: try reader.sentence())
        case .formed: .formed(view: try reader.integer(UInt64.self), members: try reader.members())
        }
    }

    private static func waiting(from reader: inout ControlReader) throws(ControlFlaw) -> Self {
        let expected = try reader.number(in: 1...ControlLimit.membersMax)
        let present = try reader.list { reader throws(ControlFlaw) in try reader.name() }
        return .waiting(present: present, expected: expected)
    }

    private static func proposal(from reader: inout ControlReader) throws(ControlFlaw) -> Self {
        let attempt = try reader.integer(UInt64.self)
        let rank = try reader.number(in: 0...(ControlLimit.membersMax - 1))
        let members = try reader.members()
        guard rank < members.count else { throw .malformed("it gives a rank beyond the last member") }
        return .propose(attempt: attempt, rank: rank, members: members)
    }
}

extension ControlReader {
    fileprivate mutating func members() throws(ControlFlaw) -> [MeshNode] {
        try list { reader throws(ControlFlaw) in try MeshNode(from: &reader) }
    }

    fileprivate mutating func rejectCode() throws(ControlFlaw) -> RejectCode {
        guard let code = RejectCode(rawValue: try integer(UInt8.self)) else {
            throw .malformed("it rejects for an unknown reason")
        }
        return code
    }
}

extension RendezvousHello {
    fileprivate init(from reader: inout ControlReader) throws(ControlFlaw) {
        cluster = try reader.name()
        name = try reader.name()
        incarnation = try reader.integer(UInt64.self)
        expected = try reader.number(in: 1...ControlLimit.membersMax)
        regionSize = try reader.size()
        process = try reader.integer(Int32.self)
        address = try reader.address()
        traits = try NodeTraits(from: &reader)
    }
}
