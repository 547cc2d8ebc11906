/// What one member says when all members are asked.
///
/// ```swift
/// for answer in try await inventory.all.quantity(of: "bolt") {
///     print(answer.member.name, try answer.value)
/// }
/// ```
public struct Answer<Value> {
    /// Who says it.
    public let member: View.Member
    /// The result of the member's replica, or why there is none.
    ///
    /// Errors do not cross processes as they are: what the method threw there comes as
    /// ``LockstepError/Code/methodThrew``, with its description, and a member that said nothing in time as
    /// ``LockstepError/Code/noAnswer``.
    public let result: Result<Value, LockstepError>

    /// The result of the member's replica.
    ///
    /// - Throws: Why there is none.
    public var value: Value { get throws(LockstepError) { try result.get() } }

    init(_ member: View.Member, _ encoded: EncodedAnswer, decode: ([UInt8]) throws -> Value) {
        self.member = member
        do {
            result = .success(try decode(encoded.get()))
        } catch let error as LockstepError {
            result = .failure(error)
        } catch {
            result = .failure(
                LockstepError(
                    .decodingFailed,
                    "The result of \"\(member.name)\" cannot be decoded: \(error). Run one release on all members.",
                    cause: error))
        }
    }
}

extension Answer: Sendable where Value: Sendable {}

/// What one member says, and who it is.
typealias MemberAnswer = (member: View.Member, answer: EncodedAnswer)

/// An encoded result, or why there is none.
typealias EncodedAnswer = Result<[UInt8], LockstepError>

extension EncodedAnswer {
    /// What stands before the encoded result, or before a text.
    private enum Kind: UInt8 {
        case result
        case thrown
        case none
    }

    /// What a method returned, with what it takes to encode it.
    init(_ encode: (inout WireWriter) throws -> Void) {
        var writer = WireWriter()
        do {
            try encode(&writer)
            self = .success(writer.bytes)
        } catch {
            self = .failure(
                LockstepError(.noAnswer, "The result cannot be encoded: \(error)", cause: error))
        }
    }

    /// What a method threw, or why it did not run.
    init(failure error: any Error) {
        self =
            switch error {
            case let error as LockstepError: .failure(LockstepError(.noAnswer, error.message, cause: error))
            default: .failure(LockstepError(.methodThrew, "The method threw on this member: \(error)", cause: error))
            }
    }

    /// The message that takes it to the member that asked, cut to so many bytes if it is an error.
    func message(to question: UInt64, of rank: Int, method: UInt32, sizeMax: Int) -> [UInt8] {
        var writer = WireWriter()
        CallHeader(answering: question, method: method).write(to: &writer)
        writer.writeFixed(UInt64(rank))
        let (kind, content): (Kind, [UInt8]) =
            switch self {
            case .success(let bytes): (.result, bytes)
            case .failure(let error): (error.code == .methodThrew ? .thrown : .none, Array(error.message.utf8))
            }
        let room = sizeMax - writer.count - 1
        if kind == .result && content.count > room {
            let error = LockstepError(
                .noAnswer, "The result takes \(content.count) bytes, and at most \(room) fit. Raise `ringBytes`.")
            return EncodedAnswer.failure(error).message(to: question, of: rank, method: method, sizeMax: sizeMax)
        }
        writer.writeByte(kind.rawValue)
        content.prefix(room).withUnsafeBytes { writer.writeRaw($0) }
        return writer.bytes
    }

    /// Takes a message apart; nil if it is none.
    static func read(_ payload: UnsafeRawBufferPointer) -> (rank: Int, answer: EncodedAnswer)? {
        let start = CallHeader.size + 9
        guard payload.count >= start, let kind = Kind(rawValue: payload[start - 1]) else { return nil }
        let rank = UInt64(littleEndian: payload.loadUnaligned(fromByteOffset: CallHeader.size, as: UInt64.self))
        let content = payload[start...]
        let answer: EncodedAnswer =
            switch kind {
            case .result: .success(Array(content))
            case .thrown: .failure(LockstepError(.methodThrew, String(decoding: content, as: UTF8.self)))
            case .none: .failure(LockstepError(.noAnswer, String(decoding: content, as: UTF8.self)))
            }
        return (Int(clamping: rank), answer)
    }
}
