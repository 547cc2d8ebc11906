/// A call of an update as bytes, which somebody else brings to the replicas.
package struct EncodedCall: Sendable, Hashable {
    let method: UInt32
    let arguments: [UInt8]

    /// The message of a task of a member, which was sent at a time.
    package func message(stamp: Int64) -> [UInt8] {
        var call = CallArguments()
        call.begin(CallHeader(.call, method: method, stamp: stamp))
        call.add(encodedBytes: arguments)
        return call.bytes
    }

    /// The message of a client's update, as each attempt at it brings it to a member, which sends it at a time.
    package func message(of client: SessionKey, _ sequence: UInt64, settled: UInt64, stamp: Int64) -> [UInt8] {
        let id = ClientCallID(session: client, sequence: sequence, settled: settled)
        return CallArguments.ofClient(method, id, baggage: [], arguments: arguments, stamp: stamp).bytes
    }
}

extension ReplicatedActor {
    /// A call of one of the actor's updates.
    package static func encode(_ call: (Deferred) throws -> EffectID) throws -> EncodedCall {
        let writer = CallWriter()
        _ = try call(Deferred(Outlet(writer)))
        guard let call = writer.call else { preconditionFailure("one update must be called") }
        return call
    }
}

/// Keeps a call instead of leaving it for later.
final class CallWriter: Sendable {
    private nonisolated(unsafe) var written: EncodedCall?

    /// Only who calls looks at it.
    var call: EncodedCall? { written }

    func note(_ call: EncodedCall) -> EffectID {
        written = call
        return EffectID(group: GroupID(""), place: EffectID.Place(version: 0, index: 0))
    }
}

/// What a client says of its session, as messages of the group.
package enum SessionMessage {
    /// It opens one.
    case open(nonce: UInt64, timeout: Int64)
    /// It is there.
    case alive(SessionKey)
    /// It needs it no more.
    case close(SessionKey)

    /// The message of a member that sends it at a time.
    package func message(stamp: Int64) throws -> [UInt8] {
        let record: SessionRecord =
            switch self {
            case .open(let nonce, let timeout): .open(nonce: nonce, timeout: timeout)
            case .alive(let key): .alive(key)
            case .close(let key): .close(key)
            }
        return try CallArguments.ofSession(record, stamp: stamp).bytes
    }

    /// The session that was opened at a version.
    package static func key(opened version: UInt64, nonce: UInt64) -> SessionKey {
        SessionKey(opened: version, nonce: nonce)
    }
}
