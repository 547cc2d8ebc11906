import LockstepProtocol

/// A call to one member, as it reaches that member.
struct MemberCall: Sendable {
    /// The incarnation of the member that calls.
    let caller: UInt64
    let group: GroupID
    /// The caller's view: it runs in this one or in a later one.
    let view: UInt64
    /// What a query has to see. A direct method sees what is there.
    let way: QueryWay
    /// When nobody waits for it any more, on the monotonic clock.
    let deadline: Int64
    /// A message as ``CallHeader`` has it, of the kind that one asked for an answer sends.
    let payload: [UInt8]
    /// Takes the outcome to the caller; called once.
    let reply: @Sendable (MemberReply) -> Void

    /// It does not run, for a reason.
    func refuse(_ reason: String) { reply(.refused(reason)) }
}

/// What comes back of a call to one member.
enum MemberReply: Sendable {
    /// It ran, or its method did not take it.
    case answered(EncodedAnswer)
    /// It did not run.
    case refused(String)
}

// MARK: - On the wire

/// The bytes of a call to one member.
///
/// | bytes | what |
/// | --- | --- |
/// | 0–7 | the number of the caller's view |
/// | 8–15 | how long the caller waits, in nanoseconds |
/// | 16 | what a query has to see: 0 for all, 1 for all by a lease, 2 for what is there |
/// | 17 | the length of the group's name, which follows |
///
/// Then comes the call as ``CallHeader`` has it, with the number of the question.
struct MemberCallBytes: Hashable, Sendable {
    /// The mesh's number for these messages.
    static let kind: UInt16 = 2
    private static let headSize = 18

    let group: GroupID
    let view: UInt64
    let way: QueryWay
    let patience: Int64
    let payload: [UInt8]

    init(group: GroupID, view: UInt64, way: QueryWay, patience: Int64, payload: [UInt8]) {
        (self.group, self.view, self.way, self.patience, self.payload) = (group, view, way, patience, payload)
    }

    /// Nil if no correct node sends such bytes.
    init?(_ bytes: [UInt8]) {
        guard bytes.count > Self.headSize, bytes[16] < Self.ways.count else { return nil }
        let name = bytes[Self.headSize...].prefix(Int(bytes[17]))
        guard name.count == Int(bytes[17]), let group = String(validating: name, as: UTF8.self) else { return nil }
        (view, patience) = bytes.withUnsafeBytes { bytes in
            (
                UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self)),
                Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: Int64.self))
            )
        }
        guard patience >= 0 else { return nil }
        way = Self.ways[Int(bytes[16])]
        self.group = GroupID(group)
        payload = Array(bytes[name.endIndex...])
        guard payload.withUnsafeBytes({ CallHeader($0)?.question(in: $0) }) != nil else { return nil }
    }

    var bytes: [UInt8] {
        let name = group.name.utf8
        var writer = WireWriter()
        writer.writeFixed(view)
        writer.writeFixed(patience)
        writer.writeByte(UInt8(Self.ways.firstIndex(of: way) ?? 0))
        writer.writeByte(UInt8(name.count))
        Array(name).withUnsafeBytes { writer.writeRaw($0) }
        payload.withUnsafeBytes { writer.writeRaw($0) }
        return writer.bytes
    }

    /// The question, by which the caller knows the answer.
    var question: UInt64 { payload.withUnsafeBytes { CallHeader($0)?.question(in: $0) } ?? 0 }

    /// How many bytes of a call fit beside the rest.
    static func payloadMax(in group: GroupID) -> Int {
        ControlLimit.payloadBytesMax - headSize - group.name.utf8.count
    }

    private static let ways: [QueryWay] = [.marked, .leased, .local]
}

/// The bytes of what comes back: a byte that says whether the call was answered, and then the answer as a message
/// (``EncodedAnswer``), or the number of the question and a text.
struct MemberReplyBytes {
    /// The mesh's number for these messages.
    static let kind: UInt16 = 3
    private static let sizeMax = ControlLimit.payloadBytesMax - 1

    let question: UInt64
    let reply: MemberReply

    init(question: UInt64, _ reply: MemberReply) { (self.question, self.reply) = (question, reply) }

    /// Nil if no correct node sends such bytes.
    init?(_ bytes: [UInt8]) {
        let rest = bytes.dropFirst()
        switch bytes.first {
        case 0:
            let message = Array(rest)
            let read = message.withUnsafeBytes { bytes in
                CallHeader(bytes).flatMap { header in
                    header.kind == .answer ? EncodedAnswer.read(bytes).map { (header.answered, $0.answer) } : nil
                }
            }
            guard let (question, answer) = read else { return nil }
            self.init(question: question, .answered(answer))
        case 1:
            guard rest.count >= 8 else { return nil }
            let question = rest.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
            self.init(question: question, .refused(String(decoding: rest.dropFirst(8), as: UTF8.self)))
        default:
            return nil
        }
    }

    var bytes: [UInt8] {
        switch reply {
        case .answered(let answer):
            return [0] + Self.fitting(answer).message(to: question, of: 0, method: 0, sizeMax: Self.sizeMax)
        case .refused(let reason):
            var writer = WireWriter()
            writer.writeByte(1)
            writer.writeFixed(question)
            Array(reason.utf8.prefix(ControlLimit.sentenceBytesMax)).withUnsafeBytes { writer.writeRaw($0) }
            return writer.bytes
        }
    }

    /// Between members goes less than through rings, and no setting raises it.
    private static func fitting(_ answer: EncodedAnswer) -> EncodedAnswer {
        let room = sizeMax - CallHeader.size - 9
        guard case .success(let bytes) = answer, bytes.count > room else { return answer }
        return .failure(
            LockstepError(
                .noAnswer,
                "The result takes \(bytes.count) bytes, and of one member at most \(room) come. Ask for it in parts."))
    }
}
