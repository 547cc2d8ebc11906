import NIOCore

/// What a connection without TLS knows of TLS: enough to say what is wrong. No message of a node begins like this.
enum TLSRecord: UInt8 {
    case alert = 21
    case handshake

    /// The record that bytes begin with, nil if it is something else.
    init?(_ bytes: ByteBuffer) {
        guard bytes.getInteger(at: bytes.readerIndex + 1, as: UInt8.self) == 3,
            let kind = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self)
        else { return nil }
        self.init(rawValue: kind)
    }

    /// The alert that this version of the protocol is not spoken here.
    static let refusal = ByteBuffer(bytes: [alert.rawValue, 3, 3, 0, 2, 2, 70])

    static let sentence = "speaks TLS, and this node does not: \(StreamSecurity.mend)"
}
