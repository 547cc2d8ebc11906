import CLockstep
import DequeModule
import Glibc

/// What the other side of a connection has not had room for.
struct ControlOutbox {
    private struct Waiting {
        let bytes: [UInt8]
        let descriptor: Descriptor?
    }

    private var waiting: Deque<Waiting> = []
    private(set) var byteCount = 0
    /// Set while too many descriptors are on their way to others.
    private(set) var restsUntil: Int64?

    /// True if it waits for room.
    var wantsRoom: Bool { !waiting.isEmpty && restsUntil == nil }

    /// Sends a message behind those that wait. False if the connection is broken, or the other side has not read for too
    /// long.
    mutating func send(_ bytes: [UInt8], with descriptor: Descriptor? = nil, over socket: (any ControlSocket)?) -> Bool
    {
        waiting.append(Waiting(bytes: bytes, descriptor: descriptor))
        byteCount += bytes.count
        return flush(over: socket) && byteCount <= ControlLimit.waitingBytesMax
    }

    /// Sends what waits, as far as there is room. False if the connection is broken.
    mutating func flush(over socket: (any ControlSocket)?) -> Bool {
        restsUntil = nil
        while let next = waiting.first, let socket {
            let numbers = next.descriptor.map { [$0.number] } ?? []
            let result = withExtendedLifetime(next) { socket.send(next.bytes, numbers: numbers) }
            switch -result {
            case 0:
                waiting.removeFirst()
                byteCount -= next.bytes.count
            case EAGAIN:
                return true
            case ETOOMANYREFS:
                restsUntil = lockstep_monotonic_ns() + ControlLimit.retryNanoseconds
                return true
            default:
                return false
            }
        }
        return true
    }
}
