import Glibc

/// Owns a descriptor: whoever receives one holds it in this from the first moment, so that none can leak.
///
/// It is closed with the last reference; keep one alive for as long as `number` is in use.
package final class Descriptor: Sendable {
    package let number: Int32

    init(owning number: Int32) {
        precondition(number >= 0, "only an open descriptor can be owned")
        self.number = number
    }

    /// Takes the result of a C call that gives a descriptor or a negated errno.
    convenience init(_ result: Int32, of call: String) throws(RendezvousError) {
        guard result >= 0 else { throw .system(call: call, errno: -result) }
        self.init(owning: result)
    }

    /// Another number for what somebody else has opened.
    convenience init(copying number: Int32) throws(RendezvousError) {
        let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
        try self.init(copy >= 0 ? copy : -errno, of: "fcntl")
    }

    deinit {
        close(number)
    }
}
