import CLockstep
import NIOCore
import Synchronization

/// The memory of a peer that is connected over TCP, by a connection for each channel.
///
/// If one of them ends, all do: a peer that is heard and sends no messages would hold up everybody.
package final class TCPMemory: RemoteMemory {
    private let memory: MirrorMemory
    private let connections: [TCPConnection]
    private let closedLinks = Mutex<Set<FabricChannel>>([])

    package var mirror: Mirror { memory.mirror }
    package let pollers: Int

    /// - Parameters:
    ///   - size: That of the peer's region.
    ///   - pollers: How many the peer and this node have.
    ///   - isCalled: True at the side that is called by the other.
    ///   - waitingBytesMax: How much may wait for a peer that does not read, on each connection.
    package init(
        size: Int, isCalled: Bool, pollers: (peer: Int, own: Int) = (1, 1), waitingBytesMax: Int = 256 << 20
    ) throws(FabricError) {
        memory = try MirrorMemory(size: size)
        self.pollers = pollers.peer
        connections = FabricChannel.all(pollers: max(pollers.peer, pollers.own)).map { _ in
            TCPConnection(isCalled: isCalled, waitingBytesMax: waitingBytesMax)
        }
    }

    deinit {
        for connection in connections { connection.fence() }
        close()
    }

    /// Gives a connection its socket. From here on everything that comes on it is frames. On the socket's thread.
    ///
    /// - Parameters:
    ///   - own: The region of this node, whose thread is woken.
    ///   - isPlain: True if nothing stands between what is written and the network.
    package func begin(
        _ channel: FabricChannel, on socket: any Channel, of own: SharedMemoryRegion, isPlain: Bool
    ) throws {
        let connection = connections[channel.number]
        _ = lockstep_slice(TimeSlice.ofMovers)
        // A busy peer sends much at once.
        try socket.syncOptions?.setOption(
            .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: TCPFrame.readMax))
        let receiver = TCPReceiver(connection, memory.region, own.waker(of: channel)) { [weak self] in
            self?.close()
            // It is to hear of that before the peer's silence tells it.
            own.waker(of: .membership).wake()
        }
        try socket.pipeline.syncOperations.addHandler(receiver)
        connection.begin(on: socket, isPlain: isPlain)
    }

    package func open(_ channel: FabricChannel, from own: SharedMemoryRegion) -> any RemoteLink {
        TCPLink(own.region, channel, of: self, connections[channel.number])
    }

    /// A channel of this node does not need its connection any more. When none does, all end.
    func noteClosed(_ channel: FabricChannel) {
        let isLast = closedLinks.withLock { closed in
            closed.insert(channel)
            return closed.count == connections.count
        }
        if isLast { close() }
    }

    package var isOpen: Bool { connections.allSatisfy(\.isOpen) }

    /// Ends the connections.
    package func close() {
        for connection in connections { connection.close() }
    }
}
