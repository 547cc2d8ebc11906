import Glibc
import LockstepFabric

/// One connection of a mesh, and what is known of the node behind it.
final class MeshConnection {
    /// Nil once it is closed.
    private(set) var socket: (any ControlSocket)?
    let process: Int32
    /// Whom this node has called; nil if it was called.
    let called: MeshNode?
    /// When the other side must have said who it is.
    var silentUntil: Int64
    /// With which the connection begins.
    var handshake: Handshake
    /// Set when both have greeted.
    var node: MeshNode?
    /// The node's memory, if it is on another host, and the channels that are connected with it.
    var memory: (any RemoteMemory)?
    var channels: Set<FabricChannel> = []
    /// Until when what was sent over RDMA has to have arrived; nil if nothing was.
    var probedUntil: Int64?
    /// Why this fabric moves the bytes.
    var reason = ""
    /// True when the node's memory is here, whole.
    var isWhole = false
    var ending = GoneReason.died
    private var outbox = ControlOutbox()

    init(socket: any ControlSocket, process: Int32, called: MeshNode?, handshake: Handshake, silentUntil: Int64) {
        self.socket = socket
        self.process = process
        self.called = called
        self.handshake = handshake
        self.silentUntil = silentUntil
    }

    /// The node at the other end, also before it has greeted, if it was called.
    var id: UInt64? { (node ?? called)?.id }

    func close() {
        socket = nil
        memory?.close()
        // Who has said goodbye is still heard. Of anybody else both sides have to see the end alike.
        if ending != .left { (memory as? any AgreedMemory)?.fence() }
    }

    // MARK: - Waiting

    var polled: pollfd { socket?.polled(forRoom: outbox.wantsRoom) ?? pollfd(reading: -1) }

    /// When something has to be done though nobody says anything.
    var deadline: Int64? { !isWhole ? min(silentUntil, outbox.restsUntil ?? .max) : outbox.restsUntil }

    // MARK: - Sending

    /// False if the connection is broken, or the other side has not read for too long.
    func send(_ message: MeshMessage, with descriptor: Descriptor? = nil) -> Bool {
        outbox.send(message.encoded(), with: descriptor, over: socket)
    }

    /// Sends what waits, as far as there is room. False if the connection is broken.
    func flush() -> Bool { outbox.flush(over: socket) }
}
