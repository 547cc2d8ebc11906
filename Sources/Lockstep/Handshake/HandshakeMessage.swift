/// One message of a ``Handshake``.
enum HandshakeMessage: Hashable {
    /// The caller begins.
    case greeting(nonce: [UInt8])
    /// Whom it has called answers, and proves that it knows the key.
    case answer(nonce: [UInt8], proof: [UInt8])
    /// The caller proves it, too.
    case proof([UInt8])
    /// The caller finds that the answer's proof is of another key.
    case disagreement

    private enum Step: UInt8 {
        case greeting = 1
        case answer, proof, disagreement
    }

    init(from reader: inout ControlReader) throws(ControlFlaw) {
        switch Step(rawValue: try reader.integer(UInt8.self)) {
        case .greeting: self = .greeting(nonce: try reader.bytes(Handshake.nonceBytes))
        case .answer:
            self = .answer(
                nonce: try reader.bytes(Handshake.nonceBytes), proof: try reader.bytes(Handshake.proofBytes))
        case .proof: self = .proof(try reader.bytes(Handshake.proofBytes))
        case .disagreement: self = .disagreement
        case nil: throw .malformed("it is an unknown step of the handshake")
        }
    }

    func write(to writer: inout ControlWriter) {
        switch self {
        case .greeting(let nonce):
            writer.write(Step.greeting.rawValue)
            writer.write(nonce)
        case .answer(let nonce, let proof):
            writer.write(Step.answer.rawValue)
            writer.write(nonce)
            writer.write(proof)
        case .proof(let proof):
            writer.write(Step.proof.rawValue)
            writer.write(proof)
        case .disagreement:
            writer.write(Step.disagreement.rawValue)
        }
    }
}
