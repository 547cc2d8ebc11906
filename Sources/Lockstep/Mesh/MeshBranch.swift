import Glibc
import LockstepFabric

/// A connection to a node of another host that is about to be the fabric's, for one of its channels.
///
/// The caller calls one for each channel as soon as two nodes have greeted, and says on it who it is; the other side
/// makes it the fabric's and answers. When the caller has all, it says so on the mesh. From then on both have each other's
/// memory.
final class MeshBranch {
    let socket: StreamSocket
    let channel: FabricChannel
    /// To whom it was called; nil if it has come in.
    let called: MeshConnection?
    var handshake: Handshake
    /// When it must be the fabric's.
    let silentUntil: Int64

    init(
        _ socket: StreamSocket, _ channel: FabricChannel, called: MeshConnection?, _ handshake: Handshake,
        silentUntil: Int64
    ) {
        self.socket = socket
        self.channel = channel
        self.called = called
        self.handshake = handshake
        self.silentUntil = silentUntil
    }

    var polled: pollfd { socket.polled(forRoom: false) }

    func send(_ message: MeshMessage) { _ = socket.send(message.encoded(), numbers: []) }
}
