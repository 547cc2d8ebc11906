/// The bounds on everything that a peer can send or hold.
enum RendezvousLimit {
    /// The version of the messages; any change to their layout raises it.
    static let wireVersion: UInt16 = 1
    static let messageBytesMax = 65_536
    static let nameBytesMax = 128
    static let sentenceBytesMax = 8192
    /// One message carries the memory of every member, and no more descriptors than this fit into one.
    static let membersMax = 64
    static let connectionsMax = 256
    static let silenceNanoseconds: Int64 = 5_000_000_000
    /// Between two tries to find or become the registrar.
    static let retryNanoseconds: Int64 = 3_000_000
    static let retryNanosecondsMax: Int64 = 50_000_000
}

/// A member of the first view.
package struct RendezvousMember: Sendable, Equatable {
    package let name: String
    package let incarnation: UInt64
    package let process: Int32
    package let regionSize: Int

    package init(name: String, incarnation: UInt64, process: Int32, regionSize: Int) {
        self.name = name
        self.incarnation = incarnation
        self.process = process
        self.regionSize = regionSize
    }
}

/// How a member went.
package enum GoneReason: UInt8, Sendable {
    /// It said goodbye.
    case left = 1
    /// Its connection ended without a word.
    case died = 2
}

/// What a node says first; the descriptor of its region comes with it.
struct RendezvousHello: Equatable, Sendable {
    var cluster: String
    var name: String
    var incarnation: UInt64
    var expected: Int
    var regionSize: Int
}

/// Why the registrar turned a connection down.
enum RejectCode: UInt8 {
    case version = 1
    case malformed, cluster, otherUser, nameTaken, expected, viewIsFormed, tooMany
}

/// One message between a node and the registrar.
enum RendezvousMessage: Equatable {
    case hello(RendezvousHello)
    case reject(RejectCode, sentence: String)
    case waiting(present: [String], expected: Int)
    /// With the descriptors of all regions, in rank order.
    case propose(attempt: UInt64, rank: Int, members: [RendezvousMember])
    case mapped(attempt: UInt64)
    case failed(attempt: UInt64, sentence: String)
    /// The rank of the registrar's node tells who died when the connection ends.
    case install(attempt: UInt64, view: UInt64, registrar: Int)
    case abandon(attempt: UInt64, sentence: String)
    case leave
    case gone(rank: Int, GoneReason)

    /// The number that says on the wire which message it is.
    enum Kind: UInt8 {
        case hello = 1
        case reject, waiting, propose, mapped, failed, install, abandon, leave, gone
    }

    var kind: Kind {
        switch self {
        case .hello: .hello
        case .reject: .reject
        case .waiting: .waiting
        case .propose: .propose
        case .mapped: .mapped
        case .failed: .failed
        case .install: .install
        case .abandon: .abandon
        case .leave: .leave
        case .gone: .gone
        }
    }
}
