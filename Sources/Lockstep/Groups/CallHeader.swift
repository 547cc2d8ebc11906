import CLockstep
import LockstepProtocol

/// What comes before the arguments in the message of a call, and before the hashes in a report of the state.
///
/// | bytes | what |
/// | --- | --- |
/// | 0–3 | the number of the method; in a report 0 |
/// | 4 | the version of this layout, 1 |
/// | 5 | the ``Kind`` |
/// | 6–7 | the size of the baggage, which follows the header |
/// | 8–15 | the sender's clock, in nanoseconds since the beginning of 1970; in an answer, the number of the question |
///
/// Numbers are little-endian. The baggage follows, a map of strings; then, if all members are asked, the number of the
/// question in 8 bytes; and then the arguments, all in the format of ``WireWriter``.
struct CallHeader {
    static let size = 16
    private static let version: UInt8 = 1
    private static let questionSize = 8

    let method: UInt32
    let kind: Kind
    let baggageSize: Int
    private let stampOrQuestion: Int64

    /// What a message is.
    enum Kind: UInt8 {
        /// An update.
        case call = 0
        /// Hashes of the state: ``StateAudit``.
        case report = 1
        /// An update of which every member sends its result.
        case askedUpdate = 2
        /// A query that every member answers.
        case askedQuery = 3
        /// What a member says to the one that asked.
        case answer = 4

        /// True if every member sends what the method returns or throws.
        var isAsked: Bool { self == .askedUpdate || self == .askedQuery }
    }

    /// The sender's clock.
    var stamp: Int64 { stampOrQuestion }

    /// The question that an answer is to.
    var answered: UInt64 { UInt64(bitPattern: stampOrQuestion) }

    /// Where the arguments begin.
    var argumentsOffset: Int { Self.size + baggageSize + (kind.isAsked ? Self.questionSize : 0) }

    /// The header of a call that is made now.
    init(method: UInt32, kind: Kind = .call, baggageSize: Int = 0) {
        self.init(method: method, kind: kind, baggageSize: baggageSize, stampOrQuestion: lockstep_realtime_ns())
    }

    /// The header of an answer.
    init(answering question: UInt64, method: UInt32) {
        self.init(method: method, kind: .answer, baggageSize: 0, stampOrQuestion: Int64(bitPattern: question))
    }

    /// The header of a report.
    static let ofReport = CallHeader(method: 0, kind: .report, baggageSize: 0, stampOrQuestion: 0)

    private init(method: UInt32, kind: Kind, baggageSize: Int, stampOrQuestion: Int64) {
        self.method = method
        self.kind = kind
        self.baggageSize = baggageSize
        self.stampOrQuestion = stampOrQuestion
    }

    /// Reads a header; nil if there is none, or one of another version.
    init?(_ payload: UnsafeRawBufferPointer) {
        guard payload.count >= Self.size else { return nil }
        let word = UInt64(littleEndian: payload.loadUnaligned(as: UInt64.self))
        guard UInt8(truncatingIfNeeded: word >> 32) == Self.version,
            let kind = Kind(rawValue: UInt8(truncatingIfNeeded: word >> 40))
        else { return nil }
        let stamp = Int64(littleEndian: payload.loadUnaligned(fromByteOffset: 8, as: Int64.self))
        self.init(
            method: UInt32(truncatingIfNeeded: word), kind: kind, baggageSize: Int(word >> 48), stampOrQuestion: stamp)
        guard payload.count >= argumentsOffset else { return nil }
    }

    /// The question that all members are asked.
    func question(in payload: UnsafeRawBufferPointer) -> UInt64? {
        guard kind.isAsked else { return nil }
        let offset = argumentsOffset - Self.questionSize
        return UInt64(littleEndian: payload.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    func write(to writer: inout WireWriter) {
        let kinds = UInt64(kind.rawValue) << 8 | UInt64(Self.version)
        writer.writeFixed(UInt64(baggageSize) << 48 | kinds << 32 | UInt64(method))
        writer.writeFixed(stampOrQuestion)
    }
}

extension CallArguments {
    /// Begins a call of a method, in the memory of the call before.
    mutating func begin(_ method: UInt32, as kind: CallHeader.Kind = .call, question: UInt64? = nil, baggage: [UInt8]?)
    {
        removeAll()
        withWriter { writer in
            CallHeader(method: method, kind: kind, baggageSize: baggage?.count ?? 0).write(to: &writer)
            if let baggage { baggage.withUnsafeBytes { writer.writeRaw($0) } }
            if let question { writer.writeFixed(question) }
        }
    }
}
