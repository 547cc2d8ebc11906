import CLockstep
import LockstepProtocol

/// What comes before the arguments in the message of a call, and before what the other kinds of message say.
///
/// | bytes | what |
/// | --- | --- |
/// | 0–3 | the number of the method; 0 where none is called |
/// | 4 | the version of this layout, 1 |
/// | 5 | the ``Kind`` |
/// | 6–7 | the size of the baggage, which follows the header |
/// | 8–15 | the sender's clock, in nanoseconds since the beginning of 1970; in an answer, the number of the question |
///
/// Numbers are little-endian. The baggage follows: of a call a map of strings, of a forwarded call its ``EffectID``, of a
/// client's its ``ClientCallID``, and behind it such a map if there is one.
/// Then, if all members are asked, comes the number of the question in 8 bytes; and then the arguments. All are in the
/// format of ``WireWriter``.
struct CallHeader {
    static let size = 16
    private static let version: UInt8 = 1
    private static let questionSize = 8

    let kind: Kind
    let method: UInt32
    let baggageSize: Int
    private let stampOrQuestion: Int64

    /// What a message is.
    enum Kind: UInt8 {
        /// An update, from a task.
        case call = 0
        /// Hashes of the state: ``StateAudit``.
        case report = 1
        /// An update of which every member sends its result.
        case askedUpdate = 2
        /// A query that every member answers.
        case askedQuery = 3
        /// What a member says to the one that asked.
        case answer = 4
        /// An update that one of another group has left.
        case forwarded = 5
        /// A timer is due.
        case timer = 6
        /// What an update has left is done.
        case done = 7
        /// An update of a client, which may come more than once.
        case clientCall = 8
        /// A client's session begins, goes on or ends: ``SessionRecord``.
        case session = 9

        /// True if every member sends what the method returns or throws.
        @inline(__always) var isAsked: Bool { self == .askedUpdate || self == .askedQuery }

        /// True if what the method returns or throws is encoded.
        @inline(__always) var isEncoded: Bool { isAsked || self == .clientCall }
    }

    /// The sender's clock.
    var stamp: Int64 { stampOrQuestion }

    /// The question that an answer is to.
    var answered: UInt64 { UInt64(bitPattern: stampOrQuestion) }

    /// Where the arguments begin.
    @inline(__always)
    private var argumentsOffset: Int { Self.size + baggageSize + (kind.isAsked ? Self.questionSize : 0) }

    private init(_ kind: Kind, method: UInt32, baggageSize: Int, stampOrQuestion: Int64) {
        self.kind = kind
        self.method = method
        self.baggageSize = baggageSize
        self.stampOrQuestion = stampOrQuestion
    }

    /// The header of a message that is sent now, or was at another time.
    init(_ kind: Kind, method: UInt32 = 0, baggageSize: Int = 0, stamp: Int64 = lockstep_realtime_ns()) {
        self.init(kind, method: method, baggageSize: baggageSize, stampOrQuestion: stamp)
    }

    /// The header of an answer.
    init(answering question: UInt64, method: UInt32) {
        self.init(.answer, method: method, baggageSize: 0, stampOrQuestion: Int64(bitPattern: question))
    }

    /// Reads the header of a message; nil if this release does not know it.
    @inline(__always)
    init?(_ payload: UnsafeRawBufferPointer) {
        guard payload.count >= Self.size else { return nil }
        let word = UInt64(littleEndian: payload.loadUnaligned(as: UInt64.self))
        guard UInt8(truncatingIfNeeded: word >> 32) == Self.version,
            let kind = Kind(rawValue: UInt8(truncatingIfNeeded: word >> 40))
        else { return nil }
        let stamp = Int64(littleEndian: payload.loadUnaligned(fromByteOffset: 8, as: Int64.self))
        self.init(
            kind, method: UInt32(truncatingIfNeeded: word), baggageSize: Int(word >> 48), stampOrQuestion: stamp)
        guard payload.count >= argumentsOffset else { return nil }
    }

    /// The question that all members are asked.
    func question(in payload: UnsafeRawBufferPointer) -> UInt64? {
        guard kind.isAsked else { return nil }
        let offset = argumentsOffset - Self.questionSize
        return UInt64(littleEndian: payload.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// What stands behind the header.
    func baggage(in payload: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: payload[Self.size..<Self.size + baggageSize])
    }

    /// What stands behind all that.
    @inline(__always)
    func arguments(in payload: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: payload[argumentsOffset...])
    }

    func write(to writer: inout WireWriter) {
        let layout = UInt64(kind.rawValue) << 8 | UInt64(Self.version)
        writer.writeFixed(UInt64(baggageSize) << 48 | layout << 32 | UInt64(method))
        writer.writeFixed(stampOrQuestion)
    }
}

extension CallArguments {
    /// Begins a message, in the memory of the one before.
    mutating func begin(_ header: CallHeader) {
        removeAll()
        withWriter { header.write(to: &$0) }
    }

    /// Begins a call of a method.
    mutating func begin(_ method: UInt32, as kind: CallHeader.Kind = .call, question: UInt64? = nil, baggage: [UInt8]?)
    {
        begin(CallHeader(kind, method: method, baggageSize: baggage?.count ?? 0))
        guard baggage != nil || question != nil else { return }
        withWriter { writer in
            if let baggage { baggage.withUnsafeBytes { writer.writeRaw($0) } }
            if let question { writer.writeFixed(question) }
        }
    }

    /// Appends the arguments of a call.
    ///
    /// - Throws: ``LockstepError/Code/encodingFailed``.
    mutating func addAll(_ arguments: (inout CallArguments) throws -> Void) throws(LockstepError) {
        do {
            try arguments(&self)
        } catch {
            throw LockstepError(
                .encodingFailed, "An argument cannot be encoded, so nothing was sent: \(error)", cause: error
            )
        }
    }
}
