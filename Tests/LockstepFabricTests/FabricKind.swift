import CLockstep
import Foundation
import Glibc
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import LockstepFabric

#if TLS
    import LockstepCertificates
    import NIOSSL

    @testable import Lockstep
#endif

/// The ways in which two nodes may be connected, all of which keep the promise of the fabric.
enum FabricKind: CaseIterable, Sendable {
    case sharedMemory
    /// The least that a remote link does.
    case copied
    case tcp
    #if TLS
        /// The same with TLS, as between hosts by default.
        case tls
    #endif
    /// Two RDMA devices of this host, where there are as many.
    case verbs

    /// `LOCKSTEP_TEST_VERBS=1` leaves the others out: in an emulated guest they take minutes, and run outside as well.
    static var allCases: [FabricKind] {
        let verbs: [FabricKind] = VerbsHost.hasTwo ? [.verbs] : []
        return (getenv("LOCKSTEP_TEST_VERBS") == nil ? [.sharedMemory, .copied] + streams : []) + verbs
    }

    private static var streams: [FabricKind] {
        #if TLS
            [.tcp, .tls]
        #else
            [.tcp]
        #endif
    }

    /// True if others see what was pushed, and not what was written since.
    var carriesValues: Bool { self != .sharedMemory }

    /// The memory of each of two nodes, as the other sees it.
    func connect(_ first: SharedMemoryRegion, _ second: SharedMemoryRegion) throws -> [any PeerMemory] {
        switch self {
        case .sharedMemory:
            try [first, second].map { try SharedMemoryMirror(descriptor: $0.descriptor, size: regionSize) }
        case .copied:
            try CopiedMemory.pair(first, second)
        case .tcp:
            try TCPMemory.pair(first, second, StreamEnds())
        #if TLS
            case .tls:
                try TCPMemory.pair(first, second, try StreamEnds.tls())
        #endif
        case .verbs:
            try VerbsHost.pair(first, second)
        }
    }
}

/// A peer's memory, into which the peer's own thread copies what it pushes when it flushes.
final class CopiedMemory: RemoteMemory {
    private let memory: MirrorMemory
    private let owner: SharedMemoryRegion
    /// What the owner of this memory has of the node that reads it.
    private let opposite = Mutex<CopiedMemory?>(nil)
    private let openChannels = Mutex<Set<FabricChannel>>([])

    private init(of owner: SharedMemoryRegion) throws {
        memory = try MirrorMemory(size: regionSize)
        self.owner = owner
    }

    static func pair(_ first: SharedMemoryRegion, _ second: SharedMemoryRegion) throws -> [CopiedMemory] {
        let both = try [CopiedMemory(of: first), CopiedMemory(of: second)]
        for (index, memory) in both.enumerated() { memory.opposite.withLock { $0 = both[1 - index] } }
        for (memory, reader) in zip(both, [second, first]) {
            memory.openChannels.withLock { $0 = Set(memory.channels(from: reader)) }
        }
        return both
    }

    var mirror: Mirror { memory.mirror }
    var pollers: Int { owner.pollers }

    func open(_ channel: FabricChannel, from own: SharedMemoryRegion) -> any RemoteLink {
        Link(own.region, channel, self, opposite.withLock { $0! }, waker: owner.waker(of: channel))
    }

    var isOpen: Bool { openChannels.withLock { !$0.isEmpty } }

    func close() { openChannels.withLock { $0 = [] } }

    private func take(_ words: [(Int, UInt64)], on channel: FabricChannel) {
        openChannels.withLock { channels in
            guard channels.contains(channel) else { return }
            for (offset, word) in words { memory.region.storeReleasing(word, at: offset) }
        }
    }

    private final class Link: RemoteLink {
        private let region: Region
        private let channel: FabricChannel
        private let memory: CopiedMemory
        private let destination: CopiedMemory
        private let waker: FabricWaker
        private var posted: [(Int, UInt64)] = []

        init(
            _ region: Region, _ channel: FabricChannel, _ memory: CopiedMemory, _ destination: CopiedMemory,
            waker: FabricWaker
        ) {
            self.region = region
            self.channel = channel
            self.memory = memory
            self.destination = destination
            self.waker = waker
        }

        func push(_ range: Range<Int>) {
            posted += stride(from: range.lowerBound, to: range.upperBound, by: 8).map { ($0, region.load($0)) }
        }

        func flush(waking isWaking: Bool) {
            destination.take(posted, on: channel)
            posted.removeAll()
            if isWaking { waker.wake() }
        }

        func poll() {}
        func prepareToPark() -> Bool { true }
        func unpark() {}
        func close() { memory.openChannels.withLock { _ = $0.remove(channel) } }
    }
}

extension TCPMemory {
    /// Two nodes on this host, connected through the loopback network.
    fileprivate static func pair(
        _ first: SharedMemoryRegion, _ second: SharedMemoryRegion, _ ends: StreamEnds
    ) throws -> [TCPMemory] {
        let caller = try TCPMemory(size: regionSize, isCalled: false, pollers: (second.pollers, first.pollers))
        let called = try TCPMemory(size: regionSize, isCalled: true, pollers: (first.pollers, second.pollers))
        let group = MultiThreadedEventLoopGroup.singleton
        for channel in caller.channels(from: first) {
            let isAccepted = group.next().makePromise(of: Void.self)
            let server = try ServerBootstrap(group: group)
                .childChannelInitializer { socket in
                    socket.eventLoop.makeCompletedFuture {
                        try ends.prepareCalled(socket)
                        try socket.pipeline.syncOperations.addHandler(Acceptance(isAccepted))
                        try called.begin(channel, on: socket, of: second, isPlain: ends.isPlain)
                    }
                }
                .bind(host: "127.0.0.1", port: 0).wait()
            let address = try #require(server.localAddress)
            // Only when it is connected, because it says something at once.
            try ClientBootstrap(group: group)
                .channelInitializer { socket in socket.eventLoop.makeCompletedFuture { try ends.prepareCaller(socket) }
                }
                .connect(to: address)
                .flatMapThrowing { socket in
                    try caller.begin(channel, on: socket, of: first, isPlain: ends.isPlain)
                }.wait()
            try isAccepted.futureResult.wait()
            try server.close().wait()
        }
        return [called, caller]
    }
}

/// What stands between the bytes of a connection and its two ends.
private struct StreamEnds: Sendable {
    var isPlain = true
    var prepareCalled: @Sendable (any Channel) throws -> Void = { _ in }
    var prepareCaller: @Sendable (any Channel) throws -> Void = { _ in }

    #if TLS
        static func tls() throws -> StreamEnds {
            let context = try tlsContext.get()
            return StreamEnds(isPlain: false) {
                try $0.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
            } prepareCaller: {
                try $0.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
            }
        }

        /// That of a node with a certificate of its own.
        private static let tlsContext = Result {
            let folder = FileManager.default.temporaryDirectory
                .appendingPathComponent("lockstep-fabric-\(getpid())").path
            defer { try? FileManager.default.removeItem(atPath: folder) }
            let node = NodeIdentity(cluster: "fabric", name: "a")
            let valid = time(nil) - 60..<time(nil) + 86_400
            try CertificateAuthority(of: node.cluster, valid: valid).write(to: folder)
            try CertificateAuthority(in: folder).makeNode(node, in: "\(folder)/a", valid: valid)
            return try TLSCredentials(reading: .init(in: "\(folder)/a"), of: node).context
        }
    #endif
}

/// Tells when a connection that has come in is active. A listener that is closed before would take it along.
private final class Acceptance: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let isAccepted: EventLoopPromise<Void>

    init(_ isAccepted: EventLoopPromise<Void>) { self.isAccepted = isAccepted }

    func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        isAccepted.succeed()
    }
}
