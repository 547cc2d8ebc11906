extension ClientMessage {
    init(decoding bytes: [UInt8]) throws(ControlFlaw) {
        var reader = ControlReader(bytes)
        guard let kind = Kind(rawValue: try reader.kind()) else { throw .malformed("it is of an unknown kind") }
        self = try Self.body(of: kind, from: &reader)
        try reader.end()
    }

    private static func body(of kind: Kind, from reader: inout ControlReader) throws(ControlFlaw) -> ClientMessage {
        switch kind {
        case .handshake: .handshake(try HandshakeMessage(from: &reader))
        case .hello: .hello(cluster: try reader.name(), name: try reader.name())
        case .reject: .reject(sentence: try reader.sentence())
        case .members: try members(from: &reader)
        case .request: .request(try reader.integer(UInt64.self), try ClientRequest(from: &reader))
        case .answer: try answer(from: &reader)
        case .refusal:
            .refusal(try reader.integer(UInt64.self), code: try reader.name(), sentence: try reader.sentence())
        case .change:
            .change(try reader.sessionKey(), version: try reader.integer(UInt64.self), reader.remainder())
        case .lag: .change(try reader.sessionKey(), version: try reader.integer(UInt64.self), nil)
        case .ping: .ping
        case .pong: .pong
        case .said:
            .said(
                try reader.integer(UInt64.self), rank: Int(try reader.integer(UInt16.self)),
                try MeshNode(from: &reader), try ClientOutcome(from: &reader))
        }
    }

    private static func members(from reader: inout ControlReader) throws(ControlFlaw) -> ClientMessage {
        let (view, speaker) = (try reader.integer(UInt64.self), try reader.integer(UInt64.self))
        let members = try reader.list { reader throws(ControlFlaw) in try MeshNode(from: &reader) }
        guard members.contains(where: { $0.incarnation == speaker }) else {
            throw .malformed("it is of a node that is no member")
        }
        return .members(view: view, speaker: speaker, members)
    }

    private static func answer(from reader: inout ControlReader) throws(ControlFlaw) -> ClientMessage {
        let (number, version) = (try reader.integer(UInt64.self), try reader.integer(UInt64.self))
        return .answer(number, ClientAnswer(version: version, outcome: try ClientOutcome(from: &reader)))
    }
}

extension ClientOutcome {
    fileprivate init(from reader: inout ControlReader) throws(ControlFlaw) {
        switch try reader.integer(UInt8.self) {
        case 0: self = .result(reader.remainder())
        case 1: self = .failed(code: try reader.name(), message: try reader.sentence())
        default: throw .malformed("it has an unknown outcome")
        }
    }
}

extension ClientRequest {
    fileprivate init(from reader: inout ControlReader) throws(ControlFlaw) {
        guard let kind = Kind(rawValue: try reader.integer(UInt8.self)) else {
            throw .malformed("it asks for something unknown")
        }
        switch kind {
        case .open:
            self = .open(
                try reader.group(), nonce: try reader.integer(UInt64.self), timeout: try reader.integer(Int64.self),
                schema: reader.remainder())
        case .update: self = try Self.update(from: &reader)
        case .query: self = .query(try reader.call())
        case .all: self = .all(try reader.call())
        case .watch:
            self = .watch(try reader.group(), try reader.sessionKey(), after: try reader.integer(UInt64.self))
        case .keep: self = .keep(try reader.group(), try reader.sessionKey())
        case .close: self = .close(try reader.group(), try reader.sessionKey())
        }
    }

    private static func update(from reader: inout ControlReader) throws(ControlFlaw) -> ClientRequest {
        let (group, session) = (try reader.group(), try reader.sessionKey())
        let (sequence, settled) = (try reader.integer(UInt64.self), try reader.integer(UInt64.self))
        let patience = try reader.integer(Int64.self)
        guard settled <= sequence, patience >= 0 else { throw .malformed("its numbers contradict each other") }
        let id = ClientCallID(session: session, sequence: sequence, settled: settled)
        let method = try reader.integer(UInt32.self)
        let baggage = try reader.bytes(Int(try reader.integer(UInt16.self)))
        guard baggage.count <= ClientLimit.baggageBytesMax else { throw .malformed("its baggage is too large") }
        return .update(
            group, id, patience: patience, method: method, baggage: baggage, arguments: reader.remainder())
    }
}

extension ControlReader {
    fileprivate mutating func group() throws(ControlFlaw) -> GroupID { GroupID(try name()) }

    /// The rest, as one member calls another.
    fileprivate mutating func call() throws(ControlFlaw) -> MemberCallBytes {
        guard let call = MemberCallBytes(remainder()) else { throw .malformed("it has a query that is none") }
        return call
    }

    fileprivate mutating func sessionKey() throws(ControlFlaw) -> SessionKey {
        SessionKey(opened: try integer(UInt64.self), nonce: try integer(UInt64.self))
    }
}
