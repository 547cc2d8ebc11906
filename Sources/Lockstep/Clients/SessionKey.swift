import CLockstep

/// The session of a client with one group, wherever one speaks of it: ``UpdateContext/client``.
///
/// No other session has it: the group counts its versions, and the number tells apart groups of one name that lived one after
/// the other.
public struct SessionKey: Sendable, Hashable, Codable, CustomStringConvertible {
    /// The version of the group at which it was opened.
    let opened: UInt64
    /// The client's, random.
    let nonce: UInt64

    /// Such as `812/3f2504e04f8941d3`.
    public var description: String { "\(opened)/\(String(nonce, radix: 16))" }
}

/// An update of a client, as all attempts at it are known by. It travels before the baggage of the call.
///
/// | bytes | what |
/// | --- | --- |
/// | 0–15 | the session: the version at which it was opened, and the client's number |
/// | 16–23 | the number of the update in its session, from 0 |
/// | 24–31 | below this, the client has the outcomes, or does not wait for them any more |
struct ClientCallID: Sendable, Hashable {
    static let size = 32

    let session: SessionKey
    let sequence: UInt64
    let settled: UInt64

    init(session: SessionKey, sequence: UInt64, settled: UInt64) {
        (self.session, self.sequence, self.settled) = (session, sequence, settled)
    }

    /// Reads what the bytes begin with. Nil if they are no correct member's.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.size else { return nil }
        let words = (0..<4).map {
            UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self))
        }
        session = SessionKey(opened: words[0], nonce: words[1])
        (sequence, settled) = (words[2], words[3])
        guard settled <= sequence else { return nil }
    }

    func write(to writer: inout WireWriter) {
        for word in [session.opened, session.nonce, sequence, settled] { writer.writeFixed(word) }
    }
}

/// What happens to a session, in the order of its group.
enum SessionRecord: Codable, Sendable {
    /// A client opens one, which ends when nothing is heard for so many nanoseconds.
    case open(nonce: UInt64, timeout: Int64)
    /// Its client is there.
    case alive(SessionKey)
    /// Its client needs it no more.
    case close(SessionKey)
    /// Nothing was heard for as long as it lasts.
    case due(SessionKey)
}

extension CallArguments {
    /// The message of a client's update; the arguments are encoded already.
    static func ofClient(
        _ method: UInt32, _ id: ClientCallID, baggage: [UInt8], arguments: [UInt8],
        stamp: Int64 = lockstep_realtime_ns()
    ) -> CallArguments {
        var call = CallArguments()
        let size = ClientCallID.size + baggage.count
        call.begin(CallHeader(.clientCall, method: method, baggageSize: size, stamp: stamp))
        call.withWriter { id.write(to: &$0) }
        call.add(encodedBytes: baggage)
        call.add(encodedBytes: arguments)
        return call
    }

    /// The message that says what happens to a session.
    static func ofSession(_ record: SessionRecord, stamp: Int64 = lockstep_realtime_ns()) throws -> CallArguments {
        var message = CallArguments()
        message.begin(CallHeader(.session, stamp: stamp))
        try message.add(record)
        return message
    }
}
