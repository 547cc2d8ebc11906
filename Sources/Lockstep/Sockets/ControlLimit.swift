/// The bounds on everything that a peer can send or hold.
enum ControlLimit {
    /// The version of the messages; any change to their layout raises it.
    static let wireVersion: UInt16 = 11
    /// What a message of the mesh carries.
    static let payloadBytesMax = 65_536
    static let messageBytesMax = payloadBytesMax + 256
    static let nameBytesMax = 128
    static let sentenceBytesMax = 8192
    /// How queue pairs are reached.
    static let offerBytesMax = 1024
    static let membersMax = 64
    static let connectionsMax = 256
    static let silenceNanoseconds: Int64 = 5_000_000_000
    /// What waits for a peer that does not read.
    static let waitingBytesMax = 4 << 20
    /// Between two tries to reach somebody.
    static let retryNanoseconds: Int64 = 3_000_000
    /// Between two looks whether what was sent over RDMA has arrived.
    static let probeNanoseconds: Int64 = 200_000
    static let retryNanosecondsMax: Int64 = 50_000_000
}
