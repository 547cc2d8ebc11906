import CLockstep
import Glibc

/// Owns a descriptor: whoever receives one holds it in this from the first moment, so that none can leak.
///
/// It is closed with the last reference; keep one alive for as long as `number` is in use.
final class RendezvousDescriptor: Sendable {
    let number: Int32

    init(owning number: Int32) {
        precondition(number >= 0, "only an open descriptor can be owned")
        self.number = number
    }

    /// Takes the result of a C call that gives a descriptor or a negated errno.
    convenience init(_ result: Int32, of call: String) throws(RendezvousError) {
        guard result >= 0 else { throw .system(call: call, errno: -result) }
        self.init(owning: result)
    }

    deinit {
        close(number)
    }
}

/// One end of a connection between a node and the registrar; it never blocks.
struct RendezvousSocket {
    /// What there was to receive.
    enum Arrival {
        case message([UInt8], [RendezvousDescriptor])
        case nothing
        case tooLong
        case closed
    }

    let descriptor: RendezvousDescriptor

    /// 0, or a negated errno.
    func send(_ message: RendezvousMessage, with descriptors: [RendezvousDescriptor] = []) -> Int32 {
        withExtendedLifetime(descriptors) { send(message.encoded(), numbers: descriptors.map(\.number)) }
    }

    func send(_ bytes: [UInt8], numbers: [Int32] = []) -> Int32 {
        lockstep_send(descriptor.number, bytes, bytes.count, numbers, UInt32(numbers.count))
    }

    func receive() -> Arrival {
        var descriptors: [RendezvousDescriptor] = []
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

    private func receive(_ bytes: inout [UInt8], _ descriptors: inout [RendezvousDescriptor]) -> Int {
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: RendezvousLimit.membersMax) { numbers in
            var count = UInt32(numbers.count)
            var length = 0
            bytes = [UInt8](unsafeUninitializedCapacity: RendezvousLimit.messageBytesMax) { buffer, filled in
                length = lockstep_receive(
                    descriptor.number, buffer.baseAddress, buffer.count, numbers.baseAddress, &count)
                filled = max(length, 0)
            }
            descriptors += numbers.prefix(Int(count)).map { RendezvousDescriptor(owning: $0) }
            return length
        }
    }
}

extension RendezvousSocket {
    /// The abstract address of a cluster, one for each user.
    static func address(of cluster: String) -> String {
        "lockstep/\(getuid())/\(cluster)"
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
