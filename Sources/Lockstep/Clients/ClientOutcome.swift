/// What an update of a client came to, as the replicas keep it and as it travels.
enum ClientOutcome: Codable, Sendable, Hashable {
    /// It returned this, encoded.
    case result([UInt8])
    /// It threw, or its result cannot be had.
    case failed(code: String, message: String)

    /// The longest result that reaches a client.
    static let resultBytesMax = 60_000
    private static let messageBytesMax = 2_000

    /// What a replica says.
    init(_ answer: EncodedAnswer) {
        switch answer {
        case .success(let bytes) where bytes.count > Self.resultBytesMax:
            let reason =
                "The result takes \(bytes.count) bytes, and to a client go at most \(Self.resultBytesMax). Ask for it in parts."
            self = .failed(code: LockstepError.Code.noAnswer.description, message: reason)
        case .success(let bytes):
            self = .result(bytes)
        case .failure(let error):
            // What kept the method from running has a code of its own.
            let code = (error.cause as? LockstepError)?.code ?? error.code
            self = .failed(
                code: code.description,
                message: String(decoding: error.message.utf8.prefix(Self.messageBytesMax), as: UTF8.self))
        }
    }

    /// What comes instead of a result that the replicas have no room to keep.
    static let notKept = ClientOutcome.failed(
        code: LockstepError.Code.noAnswer.description,
        message: "The update has run, and the replicas had no room to keep its result until it was asked for again.")

    /// How much memory it takes, about.
    var byteCount: Int {
        switch self {
        case .result(let bytes): bytes.count
        case .failed(let code, let message): code.utf8.count + message.utf8.count
        }
    }

    /// The result, encoded.
    var value: [UInt8] {
        get throws(LockstepError) {
            switch self {
            case .result(let bytes): return bytes
            case .failed(let code, let message): throw LockstepError(LockstepError.Code(code), message)
            }
        }
    }
}

/// What a member says to its client of something that went through the order.
struct ClientAnswer: Sendable, Hashable {
    /// The version of the group there; 0 if it went through no order.
    let version: UInt64
    let outcome: ClientOutcome
}
