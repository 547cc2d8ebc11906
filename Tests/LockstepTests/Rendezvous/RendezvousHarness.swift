import CLockstep
import Glibc
import Synchronization

@testable import Lockstep

/// What happened to one node, written down as it happens.
final class RendezvousJournal: Sendable {
    struct Entries {
        var proposals: [[RendezvousMember]] = []
        var abandoned = 0
        var waiting: [[String]] = []
        var gone: [Int: GoneReason] = [:]
    }

    private let entries = Mutex(Entries())

    var read: Entries {
        entries.withLock { $0 }
    }

    func write(_ change: (inout Entries) -> Void) {
        entries.withLock { change(&$0) }
    }

    /// Waits; the suite's time limit ends it if it never comes true.
    func until(_ isTrue: (Entries) -> Bool) async throws {
        while !isTrue(read) { try await Task.sleep(for: .milliseconds(2)) }
    }
}

/// A node that joins, with a small region of its own.
final class RendezvousNode: Sendable {
    struct Refusal: Error {}

    let request: RendezvousRequest
    let journal = RendezvousJournal()
    private let refusesToMap: Bool
    private let region: RendezvousDescriptor
    private let base: UInt

    init(
        _ name: String, in cluster: String, expecting expected: Int, seconds: Double = 50,
        silenceNanoseconds: Int64 = RendezvousLimit.silenceNanoseconds, refusesToMap: Bool = false
    ) {
        let region = RendezvousRegion()
        self.region = region.descriptor
        self.base = region.base
        self.refusesToMap = refusesToMap
        var request = RendezvousRequest(
            cluster: cluster, name: name, expected: expected, incarnation: .random(in: 1...UInt64.max),
            regionDescriptor: region.descriptor.number, regionSize: RendezvousRegion.size,
            deadline: lockstep_monotonic_ns() + Int64(seconds * 1e9))
        request.silenceNanoseconds = silenceNanoseconds
        self.request = request
    }

    deinit {
        lockstep_unmap(UnsafeRawPointer(bitPattern: base), RendezvousRegion.size)
    }

    func join() async throws -> Rendezvous {
        let rendezvous = try await Rendezvous.join(
            request,
            map: { [self] rank, members, regions in try map(rank, members, regions) },
            abandon: { [journal] in journal.write { $0.abandoned += 1 } },
            waiting: { [journal] names in journal.write { $0.waiting.append(names) } })
        rendezvous.watch { [journal] rank, reason in journal.write { $0.gone[rank] = reason } }
        return rendezvous
    }

    /// Maps everybody's region to see that each descriptor is the right one, and unmaps it again.
    private func map(_ rank: Int, _ members: [RendezvousMember], _ regions: [Int32]) throws {
        precondition(members[rank].name == request.name && regions.count == members.count)
        if refusesToMap { throw Refusal() }
        for region in regions {
            var mirror: UnsafeRawPointer?
            let result = lockstep_mirror_map(region, RendezvousRegion.size, &mirror)
            precondition(result == 0, "a region cannot be mapped: \(result)")
            lockstep_unmap(mirror, RendezvousRegion.size)
        }
        journal.write { $0.proposals.append(members) }
    }
}

/// Sealed memory, as a node brings it.
struct RendezvousRegion {
    static let size = 4096

    let descriptor: RendezvousDescriptor
    let base: UInt

    init() {
        var number: Int32 = -1
        var base: UnsafeMutableRawPointer?
        let result = lockstep_region_create("rendezvous-test", Self.size, &number, &base)
        precondition(result == 0, "no region: \(result)")
        descriptor = RendezvousDescriptor(owning: number)
        self.base = UInt(bitPattern: base)
    }
}

/// A connection that says whatever the test wants.
struct RawPeer {
    let socket: RendezvousSocket

    /// Connects to the registrar of a cluster as soon as there is one.
    init(to cluster: String) async throws {
        let address = RendezvousSocket.address(of: cluster)
        var result = lockstep_connect(address, address.utf8.count)
        while result == -ECONNREFUSED || result == -EAGAIN {
            try await Task.sleep(for: .milliseconds(1))
            result = lockstep_connect(address, address.utf8.count)
        }
        socket = RendezvousSocket(descriptor: try RendezvousDescriptor(result, of: "connect"))
    }

    init(socket: RendezvousSocket) {
        self.socket = socket
    }

    static func hello(_ name: String, in cluster: String, expecting expected: Int) -> RendezvousMessage {
        .hello(
            RendezvousHello(
                cluster: cluster, name: name, incarnation: 7, expected: expected,
                regionSize: RendezvousRegion.size))
    }

    /// The next message, or nil at the end of the connection.
    func next() async throws -> RendezvousMessage? {
        while true {
            switch socket.receive() {
            case .message(let bytes, _): return try RendezvousMessage(decoding: bytes)
            case .nothing: try await Task.sleep(for: .milliseconds(1))
            case .closed, .tooLong: return nil
            }
        }
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
    private let listener: RendezvousDescriptor

    init(of cluster: String) throws {
        let address = RendezvousSocket.address(of: cluster)
        listener = try RendezvousDescriptor(lockstep_listen(address, address.utf8.count), of: "bind")
    }

    /// The next node that connects, once it has said hello.
    func greet() async throws -> (RawPeer, RendezvousHello, [RendezvousDescriptor]) {
        var result = lockstep_accept(listener.number)
        while result == -EAGAIN {
            try await Task.sleep(for: .milliseconds(1))
            result = lockstep_accept(listener.number)
        }
        let peer = RawPeer(
            socket: RendezvousSocket(descriptor: try RendezvousDescriptor(result, of: "accept")))
        while true {
            if case .message(let bytes, let regions) = peer.socket.receive(),
                case .hello(let hello) = try RendezvousMessage(decoding: bytes)
            {
                return (peer, hello, regions)
            }
            try await Task.sleep(for: .milliseconds(1))
        }
    }
}

private let clusters = Atomic(0)

/// A cluster name that nobody else uses.
func freshCluster() -> String {
    "test-\(getpid())-\(clusters.add(1, ordering: .relaxed).newValue)"
}
