#if Verbs
    import CLockstep
    import Synchronization

    /// The memory of a peer, into which only its own queue pairs write.
    package final class VerbsMemory: AgreedMemory {
        package let mirror: Mirror
        package let pollers: Int
        /// What the peer needs to know, and to ``connect(to:)``.
        package let endpoint: VerbsEndpoint
        let port: VerbsPort
        /// The mirror and, behind it, a word for each channel in which the peer says whether it parks.
        let memory: MirrorMemory
        let connections: [VerbsConnection]
        private let registration: VerbsHandle
        private let target = Mutex<VerbsTarget?>(nil)
        /// Channels whose probe has not arrived.
        private let probing = Mutex<Set<FabricChannel>>([])
        private let isClosed = Atomic<Bool>(false)

        /// The words of the channels, each in a cache line of its own.
        private static let wordsSize = FabricChannel.all(pollers: Strand.count).count * 64

        /// Where they lie behind a mirror.
        static func wordOffset(of channel: FabricChannel, behind size: Int) -> Int { size + channel.number * 64 }

        /// Makes all that a peer is connected with.
        ///
        /// - Parameters:
        ///   - size: That of the peer's region, and of this node's.
        ///   - pollers: How many the peer has.
        package init(on port: VerbsPort, size: Int, pollers: Int = 1) throws(FabricError) {
            self.port = port
            self.pollers = pollers
            memory = try MirrorMemory(size: size + Self.wordsSize)
            mirror = Mirror(base: UnsafeRawPointer(memory.region.base), size: size)
            let domain = try VerbsHandle.domain(on: port.device)
            let registered = try VerbsHandle.memory(memory.region, of: memory, in: domain, isWritable: true)
            registration = registered.handle
            var connections: [VerbsConnection] = []
            for channel in FabricChannel.all(pollers: max(pollers, port.own.pollers)) {
                connections.append(try VerbsConnection(channel, on: port, receivingIn: domain))
            }
            self.connections = connections
            endpoint = VerbsEndpoint(
                of: port, mirror: memory.region, key: registered.keys.remote, firstPacket: .random(in: 0..<1 << 24),
                connections: connections
            )
        }

        /// Connects to the peer that this memory is of. From here on it may write.
        ///
        /// A link is to be opened when the peer has connected too: what is pushed before is sent again, but not for long.
        package func connect(to peer: VerbsEndpoint) throws(FabricError) {
            guard peer.isEthernet == endpoint.isEthernet else {
                throw FabricError(
                    "One node has RoCE and the other InfiniBand: nothing leads from one to the other. Use TCP.")
            }
            guard peer.mirrorSize == UInt64(port.own.region.size + Self.wordsSize) else {
                throw FabricError(
                    """
                    A peer has room for a region of \(Int(clamping: peer.mirrorSize) - Self.wordsSize) bytes, and this node's has \
                    \(port.own.region.size). Give all nodes the same `regionBytes`.
                    """,
                    isConfiguration: true
                )
            }
            guard peer.senders.count == connections.count else {
                throw FabricError(
                    """
                    A peer offers \(peer.senders.count) connections, and \(connections.count) are needed. Run one release on \
                    all nodes.
                    """
                )
            }
            for (channel, connection) in zip(channels(from: port.own), connections) {
                try connection.connect(channel, on: port, to: peer, firstPacket: endpoint.firstPacket)
            }
            target.withLock { $0 = VerbsTarget(address: peer.mirrorAddress, key: peer.mirrorKey) }
        }

        package func open(_ channel: FabricChannel, from own: SharedMemoryRegion) -> any RemoteLink {
            guard let target = target.withLock({ $0 }) else { preconditionFailure("a peer must be connected first") }
            precondition(own === port.own, "a link must push the region that its port was opened with")
            return VerbsLink(channel, to: self, at: target)
        }

        package var isOpen: Bool { !isClosed.load(ordering: .relaxed) && connections.allSatisfy(\.isUp) }

        /// Each link fences what it used when it is closed itself: until then the peer's last words may come.
        package func close() { isClosed.store(true, ordering: .relaxed) }

        package func fence() {
            for connection in connections { connection.fence() }
        }

        // MARK: - Agreeing

        package var offer: [UInt8] { endpoint.bytes }

        package func connect(to offer: [UInt8]) throws(FabricError) { try connect(to: VerbsEndpoint(offer)) }

        package func probe() throws(FabricError) {
            guard let target = target.withLock({ $0 }) else { preconditionFailure("a peer must be connected first") }
            for (channel, connection) in zip(channels(from: port.own), connections) {
                try connection.probe(
                    target, at: Self.wordOffset(of: channel, behind: port.own.region.size))
            }
            port.counters.add(requests: connections.count, doorbells: connections.count, wakes: 0)
            probing.withLock { $0 = Set(channels(from: port.own)) }
        }

        package func isProbed() throws(FabricError) -> Bool {
            try probing.withLock { probing throws(FabricError) in
                for channel in probing where try connections[channel.number].takeProbe() {
                    probing.remove(channel)
                    port.counters.add(completions: 1)
                }
                return probing.isEmpty
            }
        }

        deinit { fence() }
    }

    /// Where a peer keeps its mirror of this node's region.
    struct VerbsTarget: Sendable {
        let address: UInt64
        let key: UInt32
    }
#endif
