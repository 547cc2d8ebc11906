import CLockstep
import Glibc

/// How the status of a node travels: encoded, in as many messages as it takes, and then the end of the connection.
enum StatusMessage {
    private static let partSize = 1 << 14
    /// A status that is longer is no status.
    private static let sizeMax = 1 << 26
    private static let patience = Duration.seconds(5)

    /// Sends it to somebody who may be slow to read, but not for ever.
    static func send(_ bytes: [UInt8], to socket: LocalSocket) async {
        let deadline = patience.deadline
        var rest = bytes[...]
        while !rest.isEmpty {
            let result = socket.send(Array(rest.prefix(partSize)))
            if result == 0 {
                rest = rest.dropFirst(partSize)
            } else if result == -EAGAIN, now() < deadline {
                guard (try? await Task.sleep(for: .milliseconds(5))) != nil else { return }
            } else {
                return
            }
        }
    }

    /// Receives one; it blocks.
    ///
    /// - Throws: ``LockstepError/Code/noAnswer``, also if the node is of another release.
    static func receive(from address: StatusAddress) throws(LockstepError) -> NodeStatus {
        let bytes = receiveBytes(from: address, until: patience.deadline)
        do {
            return try WireReader.value(in: bytes)
        } catch {
            throw LockstepError(
                .noAnswer,
                """
                The node "\(address.node)" of the cluster "\(address.cluster)" \
                \(bytes.isEmpty ? "did not answer" : "answers as another release does"). \
                Look whether its process is stopped or of another release.
                """,
                cause: error)
        }
    }

    private static func receiveBytes(from address: StatusAddress, until deadline: Int64) -> [UInt8] {
        let result = lockstep_connect(address.text, address.text.utf8.count)
        guard result >= 0 else { return [] }
        let socket = LocalSocket(descriptor: Descriptor(owning: result))
        var bytes: [UInt8] = []
        while bytes.count < sizeMax {
            switch socket.receive() {
            case .message(let part, _):
                bytes += part
            case .nothing where now() < deadline:
                var polled = [pollfd(fd: socket.descriptor.number, events: Int16(POLLIN), revents: 0)]
                pollDescriptors(&polled, until: deadline)
            case .nothing, .tooLong:
                return []
            case .closed:
                return bytes
            }
        }
        return []
    }
}

extension NodeStatus {
    /// Asks a node of this host and user; it blocks until there is an answer.
    ///
    /// - Throws: ``LockstepError/Code/noAnswer``.
    package init(at address: StatusAddress) throws(LockstepError) { self = try StatusMessage.receive(from: address) }
}
