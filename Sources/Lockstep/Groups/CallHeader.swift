import CLockstep
import LockstepProtocol

/// What comes before the arguments in the message of a call.
///
/// | bytes | what |
/// | --- | --- |
/// | 0–3 | the number of the method |
/// | 4 | the version of this layout, 1 |
/// | 5–7 | 0 |
/// | 8–15 | the sender's clock, in nanoseconds since the beginning of 1970 |
///
/// Numbers are little-endian. The arguments follow, in the format of ``WireWriter``.
struct CallHeader {
    static let size = 16
    private static let version: UInt64 = 1

    let method: UInt32
    let stamp: Int64

    /// The header of a call that is made now.
    init(method: UInt32) {
        self.method = method
        stamp = lockstep_realtime_ns()
    }

    /// Reads a header; nil if there is none, or one of another version.
    init?(_ payload: UnsafeRawBufferPointer) {
        guard payload.count >= Self.size else { return nil }
        let word = UInt64(littleEndian: payload.loadUnaligned(as: UInt64.self))
        guard word >> 32 == Self.version else { return nil }
        method = UInt32(truncatingIfNeeded: word)
        stamp = Int64(littleEndian: payload.loadUnaligned(fromByteOffset: 8, as: Int64.self))
    }

    func write(to writer: inout WireWriter) {
        writer.writeFixed(Self.version << 32 | UInt64(method))
        writer.writeFixed(stamp)
    }
}
