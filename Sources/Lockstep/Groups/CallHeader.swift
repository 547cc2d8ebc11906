import CLockstep
import LockstepProtocol

/// What comes before the arguments in the message of a call, and before the hashes in a report of the state.
///
/// | bytes | what |
/// | --- | --- |
/// | 0–3 | the number of the method; in a report 0 |
/// | 4 | the version of this layout, 1 |
/// | 5 | 0 for a call, 1 for a report |
/// | 6–7 | 0 |
/// | 8–15 | the sender's clock, in nanoseconds since the beginning of 1970 |
///
/// Numbers are little-endian. The arguments follow, in the format of ``WireWriter``.
struct CallHeader {
    static let size = 16
    private static let call: UInt64 = 0x0001
    private static let report: UInt64 = 0x0101

    let method: UInt32
    let isReport: Bool
    let stamp: Int64

    /// The header of a call that is made now.
    init(method: UInt32) {
        self.method = method
        isReport = false
        stamp = lockstep_realtime_ns()
    }

    /// The header of a report.
    static let ofReport = CallHeader(isReport: true)

    private init(isReport: Bool) {
        (method, self.isReport, stamp) = (0, isReport, 0)
    }

    /// Reads a header; nil if there is none, or one of another version.
    init?(_ payload: UnsafeRawBufferPointer) {
        guard payload.count >= Self.size else { return nil }
        let word = UInt64(littleEndian: payload.loadUnaligned(as: UInt64.self))
        guard word >> 32 == Self.call || word >> 32 == Self.report else { return nil }
        isReport = word >> 32 == Self.report
        method = UInt32(truncatingIfNeeded: word)
        stamp = Int64(littleEndian: payload.loadUnaligned(fromByteOffset: 8, as: Int64.self))
    }

    func write(to writer: inout WireWriter) {
        writer.writeFixed((isReport ? Self.report : Self.call) << 32 | UInt64(method))
        writer.writeFixed(stamp)
    }
}
