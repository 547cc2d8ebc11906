import CLockstep
import Glibc
import Synchronization

/// Tells processes of the same user on this host how the node stands: whoever connects gets that, and the end.
///
/// Nothing is read from them, so none can harm the node by what it sends; and those who do not read are left.
final class StatusServer: Sendable {
    /// Those who are answered at once. Others are turned away.
    private static let connectionsMax = 8

    private let wake: PollWake
    private let connections = Atomic<Int>(0)
    private let isStopped = Atomic<Bool>(false)

    /// Listens at the node's address until ``stop()``, with `status` for what to tell.
    init(
        cluster: String, node: String, status: @escaping @Sendable () async throws -> NodeStatus
    ) throws(RendezvousError) {
        let address = StatusAddress(cluster: cluster, node: node).text
        // The thread alone keeps it, so that the address is free when it ends.
        let listener = try Descriptor(lockstep_listen(address, address.utf8.count), of: "listen")
        wake = try PollWake()
        _ = try BlockingThread.make(name: "lockstep-status") { self.run(listener, status) }
    }

    /// Ends the thread.
    func stop() {
        isStopped.store(true, ordering: .sequentiallyConsistent)
        wake.wake()
    }

    private func run(_ listener: Descriptor, _ status: @escaping @Sendable () async throws -> NodeStatus) {
        while true {
            var polled = [listener.number, wake.reader].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            pollDescriptors(&polled, until: nil)
            if isStopped.load(ordering: .sequentiallyConsistent) { return wake.close() }
            guard polled[0].revents != 0 else { continue }
            accept(from: listener, status)
        }
    }

    private func accept(
        from listener: Descriptor, _ status: @escaping @Sendable () async throws -> NodeStatus
    ) {
        let result = lockstep_accept(listener.number)
        guard result >= 0 else {
            // Without a free descriptor, polling would report it again at once, for ever.
            if result != -EAGAIN { usleep(100_000) }
            return
        }
        let socket = LocalSocket(descriptor: Descriptor(owning: result))
        guard (try? socket.peer())?.user == getuid() else { return }
        guard connections.wrappingAdd(1, ordering: .relaxed).newValue <= Self.connectionsMax else {
            connections.wrappingSubtract(1, ordering: .relaxed)
            return
        }
        Task {
            defer { connections.wrappingSubtract(1, ordering: .relaxed) }
            guard let bytes = try? WireWriter.bytes(of: await status()) else { return }
            await StatusMessage.send(bytes, to: socket)
        }
    }
}
