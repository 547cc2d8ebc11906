/// A part of a state on its way from one replica to another.
struct StateChunk: Codable, Sendable {
    /// Counts the chunks of a state, from 0.
    let number: UInt64
    /// The bytes in the chunk's slot of shared memory, if it is there.
    let size: Int
    /// The bytes, if there is no shared memory.
    let bytes: [UInt8]
    /// True if the next chunk has to be put behind this one before either can be read.
    let goesOn: Bool
    /// True if no other chunk follows.
    let isLast: Bool
    /// How much of the state has been sent.
    let progress: Double

    /// The slots of shared memory in which chunks travel, one after the other and again from the first.
    struct Slots: Codable, Sendable {
        let count: Int
        let size: Int

        /// For states that take more than a message or two.
        static let large = Slots(count: 8, size: 1 << 20)

        var bytes: Int { count * size }

        /// Where the bytes of a chunk are.
        func range(of number: UInt64, _ size: Int) -> Range<Int> {
            let start = Int(number % UInt64(count)) * self.size
            return start..<start + size
        }

        /// False if no correct node has them so.
        var isSound: Bool {
            (1...64).contains(count) && (1...1 << 30).contains(size)
        }
    }

    /// What a chunk holds that travels in a message.
    static let messageBytesMax = 32 << 10
    /// How many of those may be on their way.
    static let messagesMax: UInt64 = 16
}

/// Why a state does not come to its end, though its next part could be read.
enum StateInterruption: Error, CustomStringConvertible {
    /// Who gave it is no member any more, or who took it.
    case isGone
    /// Who gave it cannot encode it, and will not be able to.
    case cannotBeGiven(String)
    /// Who takes it has what it needs.
    case isNotWanted
    /// This node is out of the cluster.
    case hasEnded

    var description: String {
        switch self {
        case .isGone: "The member on the other side is gone."
        case .cannotBeGiven(let reason): reason
        case .isNotWanted: "The rest is not wanted."
        case .hasEnded: "This node is out of the cluster."
        }
    }
}
