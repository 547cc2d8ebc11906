import Glibc
import NIOCore

/// The socket of a connection by a number of its own, for a thread that is not the connection's. It must go when the
/// connection does, which it would keep.
///
/// To leave bytes to the connection's thread is to wake that thread, which takes longer than to write some.
final class DirectSocket: Sendable {
    private let number: Int32
    /// It neither waits nor raises a signal.
    private static let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)

    /// Nil if the connection has no socket, or no descriptors are free.
    init?(of channel: any Channel) {
        let copy = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
            fcntl($0, F_DUPFD_CLOEXEC, 0)
        }
        guard let copy, copy >= 0 else { return nil }
        number = copy
    }

    deinit { Glibc.close(number) }

    /// Writes as much as there is room for; what is wrong with the connection its own thread finds out.
    func write(_ bytes: inout ByteBuffer) {
        bytes.readWithUnsafeReadableBytes {
            max(0, Glibc.send(number, $0.baseAddress, $0.count, Self.flags))
        }
    }
}
