import CLockstep
import Glibc

/// One end of a connection between two processes of this host; it never blocks.
struct LocalSocket: ControlSocket {
    let descriptor: Descriptor

    /// 0, or a negated errno.
    func send(_ bytes: [UInt8], numbers: [Int32] = []) -> Int32 {
        lockstep_send(descriptor.number, bytes, bytes.count, numbers, UInt32(numbers.count))
    }

    func receive() -> ControlArrival {
        var descriptors: [Descriptor] = []
        var bytes: [UInt8] = []
        var length = receive(&bytes, &descriptors)
        // A peer that closed without reading everything resets the connection once, before its last words.
        if length == -Int(ECONNRESET) { length = receive(&bytes, &descriptors) }
        return switch length {
        case 1...: .message(bytes, descriptors)
        case -Int(EAGAIN): .nothing
        case -Int(EMSGSIZE): .tooLong
        default: .closed
        }
    }

    private func receive(_ bytes: inout [UInt8], _ descriptors: inout [Descriptor]) -> Int {
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: ControlLimit.membersMax) { numbers in
            var count = UInt32(numbers.count)
            var length = 0
            bytes = [UInt8](unsafeUninitializedCapacity: ControlLimit.messageBytesMax) { buffer, filled in
                length = lockstep_receive(
                    descriptor.number, buffer.baseAddress, buffer.count, numbers.baseAddress, &count)
                filled = max(length, 0)
            }
            descriptors += numbers.prefix(Int(count)).map { Descriptor(owning: $0) }
            return length
        }
    }
}

extension LocalSocket {
    var isOnOneHost: Bool { true }

    func polled(forRoom wantsRoom: Bool) -> pollfd {
        var polled = pollfd(reading: descriptor.number)
        if wantsRoom { polled.events |= Int16(POLLOUT) }
        return polled
    }

    /// The abstract address of a cluster, one for each user.
    static func address(of cluster: String) -> String { "lockstep/\(getuid())/\(cluster)" }

    /// The address of one node of a cluster.
    static func address(of cluster: String, node: UInt64) -> String {
        "\(address(of: cluster))/\(String(node, radix: 16))"
    }

    /// Connects to an address; an errno if it cannot.
    static func connect(to address: String) -> Result<LocalSocket, SocketFailure> {
        let result = lockstep_connect(address, address.utf8.count)
        guard result >= 0 else { return .failure(SocketFailure(errno: -result)) }
        return .success(LocalSocket(descriptor: Descriptor(owning: result)))
    }

    /// The user and the process at the other end.
    func peer() throws(RendezvousError) -> (user: UInt32, process: Int32) {
        var user: uid_t = 0
        var process: pid_t = 0
        let result = lockstep_peer(descriptor.number, &user, &process)
        guard result == 0 else { throw .system(call: "getsockopt(SO_PEERCRED)", errno: -result) }
        return (user, process)
    }
}

/// Why there is no connection.
struct SocketFailure: Error {
    let errno: Int32
}
