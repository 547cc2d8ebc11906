import CLockstep

// What the members of a group say of its effects, in the group's order.

extension CallArguments {
    /// Begins a call that an update of another group has left.
    mutating func begin(forwarded method: UInt32, as id: EffectID, stamp: Int64) throws {
        var baggage = WireWriter()
        try baggage.write(id)
        begin(CallHeader(.forwarded, method: method, baggageSize: baggage.count, stamp: stamp))
        withWriter { writer in baggage.withBytes { writer.writeRaw($0) } }
    }

    /// A message that is encoded already.
    init(message: [UInt8]) {
        self.init()
        add(encodedBytes: message)
    }

    /// A timer is due.
    static func ofTimer(
        _ place: EffectID.Place, stamp: Int64 = lockstep_realtime_ns()
    ) throws -> CallArguments { try message(.timer, place, stamp) }

    /// A call of another group or an effect outside is done, or will not be.
    static func ofDone(_ done: DoneEffect) throws -> CallArguments {
        try message(.done, done, lockstep_realtime_ns())
    }

    private static func message(
        _ kind: CallHeader.Kind, _ content: some Codable & Sendable, _ stamp: Int64
    ) throws -> CallArguments {
        var message = CallArguments()
        message.begin(CallHeader(kind, stamp: stamp))
        try message.add(content)
        return message
    }
}

/// What has become of something in an outbox.
struct DoneEffect: Codable, Sendable {
    let place: EffectID.Place
    /// Why it was not done, or what the target threw; nil if all went well.
    let failure: String?
}

extension CallHeader {
    /// What the arguments of a timer's message, or of one about something that is done, say.
    func content<Value: Codable & Sendable>(of payload: UnsafeRawBufferPointer) throws -> Value {
        try WireReader.value(in: arguments(in: payload))
    }

    /// Who left a forwarded call.
    func origin(of payload: UnsafeRawBufferPointer) throws -> EffectID {
        try WireReader.value(in: baggage(in: payload))
    }
}
