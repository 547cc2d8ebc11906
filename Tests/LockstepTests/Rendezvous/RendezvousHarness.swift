import CLockstep
import Crypto
import Glibc
import LockstepFabric
import Logging
import Synchronization
import Testing

@testable import Lockstep

/// What happened to one node, written down as it happens.
final class RendezvousJournal: Sendable {
    struct Entries {
        var connected: [String] = []
        var waiting: [[String]] = []
        var messages: [String] = []
        var gone: [UInt64: GoneReason] = [:]
        var refusals: [String] = []
    }

    private let entries = Mutex(Entries())

    var read: Entries {
        entries.withLock { $0 }
    }

    func write(_ change: (inout Entries) -> Void) {
        entries.withLock { change(&$0) }
    }

    func note(_ event: MeshEvent) {
        write { entries in
            switch event {
            case .connected(let node, _, _): entries.connected.append(node.name)
            case .message(let node, let kind, let bytes, _):
                entries.messages.append("\(node) \(kind) \(String(decoding: bytes, as: UTF8.self))")
            case .disconnected(let node, let reason): entries.gone[node] = reason
            case .failed(_, .refused(let sentence)): entries.refusals.append(sentence)
            case .failed: break
            }
        }
    }

    /// Waits; the suite's time limit ends it if it never comes true.
    func until(_ isTrue: (Entries) -> Bool) async throws {
        while !isTrue(read) { try await Task.sleep(for: .milliseconds(2)) }
    }
}

/// For how long a peer may say nothing in tests that are not about that: they wait for their turn among many others.
let unhurried: Int64 = 100_000_000_000

/// A node that joins, with a small region of its own.
final class RendezvousNode: Sendable {
    struct Refusal: Error {}

    let request: RendezvousRequest
    let journal = RendezvousJournal()

    init(
        _ name: String, in cluster: String, expecting expected: Int, seconds: Double = 50,
        silenceNanoseconds: Int64 = unhurried, refusesToMap: Bool = false,
        key: SymmetricKey = .test, log: LogLines = LogLines()
    ) {
        var request = RendezvousRequest(
            cluster: cluster, name: name, expected: expected, incarnation: .random(in: 1...UInt64.max),
            region: .fresh(), deadline: lockstep_monotonic_ns() + Int64(seconds * 1e9), key: key, logger: log.logger)
        request.silenceNanoseconds = silenceNanoseconds
        if refusesToMap { request.map = { _, _ in throw Refusal() } }
        self.request = request
    }

    func join() async throws -> Rendezvous {
        try await Rendezvous.join(
            request,
            handler: { [journal] in journal.note($0) },
            waiting: { [journal] names in journal.write { $0.waiting.append(names) } })
    }
}

extension SymmetricKey {
    /// What all nodes know unless a test says otherwise.
    static let test = SymmetricKey(data: [UInt8](repeating: 7, count: 32))
    static let other = SymmetricKey(data: [UInt8](repeating: 8, count: 32))
}

extension SharedMemoryRegion {
    static let testSize = 1 << 18

    /// Memory, as a node brings it.
    static func fresh() -> SharedMemoryRegion {
        do {
            return try SharedMemoryRegion(name: "rendezvous-test", size: testSize)
        } catch {
            preconditionFailure("no region: \(error)")
        }
    }
}

extension Rendezvous {
    var rank: Int? {
        if case .founded(let rank, _) = outcome { rank } else { nil }
    }

    var members: [MeshNode] {
        switch outcome {
        case .founded(_, let members), .candidate(_, let members): members
        }
    }
}

/// A connection that says whatever the test wants.
struct RawPeer {
    let socket: LocalSocket

    /// Connects to the registrar of a cluster as soon as there is one.
    init(to cluster: String) async throws {
        try await self.init(at: LocalSocket.address(of: cluster))
    }

    /// Connects to an address as soon as somebody listens there.
    init(at address: String) async throws {
        var result = LocalSocket.connect(to: address)
        while case .failure(let failure) = result, [ECONNREFUSED, EAGAIN].contains(failure.errno) {
            try await Task.sleep(for: .milliseconds(1))
            result = LocalSocket.connect(to: address)
        }
        socket = try result.get()
    }

    /// The next connection at a listening socket.
    init(acceptedFrom listener: Descriptor) async throws {
        var result = lockstep_accept(listener.number)
        while result == -EAGAIN {
            try await Task.sleep(for: .milliseconds(1))
            result = lockstep_accept(listener.number)
        }
        socket = LocalSocket(descriptor: try Descriptor(result, of: "accept"))
    }

    static func hello(_ name: String, in cluster: String, expecting expected: Int) -> RendezvousMessage {
        .hello(
            RendezvousHello(
                cluster: cluster, name: name, incarnation: 7, expected: expected,
                regionSize: SharedMemoryRegion.testSize))
    }

    /// Goes through the handshake of a caller.
    func prove(at address: String, key: SymmetricKey = .test) async throws {
        var handshake = Handshake(as: .caller, at: address, key: key)
        #expect(socket.send(.handshake(handshake.greeting)) == 0)
        guard case .handshake(let answer)? = try await next(), let proof = try handshake.take(answer) else {
            throw RendezvousError.rejected("the handshake was not answered")
        }
        #expect(socket.send(.handshake(proof)) == 0)
    }

    /// Says hello, with memory.
    func introduce(_ name: String, to cluster: String, expecting expected: Int) async throws {
        try await prove(at: LocalSocket.address(of: cluster))
        let region = SharedMemoryRegion.fresh()
        let bytes = RawPeer.hello(name, in: cluster, expecting: expected).encoded()
        #expect(socket.send(bytes, numbers: [region.descriptor]) == 0)
    }

    /// What comes next, or nil at the end of the connection.
    func nextBytes() async throws -> [UInt8]? {
        while true {
            switch socket.receive() {
            case .message(let bytes, _): return bytes
            case .nothing: try await Task.sleep(for: .milliseconds(1))
            case .closed, .tooLong: return nil
            }
        }
    }

    /// The next message, or nil at the end of the connection.
    func next() async throws -> RendezvousMessage? {
        try await nextBytes().map { try RendezvousMessage(decoding: $0) }
    }

    /// Skips what comes before a message that fits.
    func next(where fits: (RendezvousMessage) -> Bool) async throws -> RendezvousMessage? {
        while let message = try await next() {
            if fits(message) { return message }
        }
        return nil
    }
}

/// A registrar that says whatever the test wants.
struct RawRegistrar {
    let address: Descriptor
    private let place: String

    init(of cluster: String) throws {
        place = LocalSocket.address(of: cluster)
        address = try Descriptor(lockstep_listen(place, place.utf8.count), of: "bind")
    }

    /// The next node that connects, once it has said hello.
    func greet(key: SymmetricKey = .test) async throws -> (RawPeer, RendezvousHello) {
        let peer = try await RawPeer(acceptedFrom: address)
        var handshake = Handshake(as: .called, at: place, key: key)
        while let message = try await peer.next() {
            switch message {
            case .handshake(let step):
                if let reply = try handshake.take(step) { #expect(peer.socket.send(.handshake(reply)) == 0) }
            case .hello(let hello): return (peer, hello)
            default: break
            }
        }
        throw RendezvousError.rejected("the node went without a hello")
    }
}

private let clusters = Atomic(0)

/// A cluster name that nobody else uses.
func freshCluster() -> String {
    "test-\(getpid())-\(clusters.add(1, ordering: .relaxed).newValue)"
}
