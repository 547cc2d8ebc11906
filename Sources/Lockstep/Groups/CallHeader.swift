import CLockstep
import LockstepProtocol

/// What comes before the arguments in the message of a call, and before the hashes in a report of the state.
///
/// | bytes | what |
/// | --- | --- |
/// | 0–3 | the number of the method; in a report 0 |
/// | 4 | the version of this layout, 1 |
/// | 5 | 0 for a call, 1 for a report |
/// | 6–7 | the size of the baggage, which follows the header |
/// | 8–15 | the sender's clock, in nanoseconds since the beginning of 1970 |
///
/// Numbers are little-endian. The baggage follows, a map of strings, and then the arguments, all in the format of
/// ``WireWriter``.
struct CallHeader {
    static let size = 16
    private static let call: UInt16 = 0x0001
    private static let report: UInt16 = 0x0101

    let method: UInt32
    let isReport: Bool
    let baggageSize: Int
    let stamp: Int64

    /// The header of a call that is made now.
    init(method: UInt32, baggageSize: Int = 0) {
        self.method = method
        self.baggageSize = baggageSize
        isReport = false
        stamp = lockstep_realtime_ns()
    }

    /// The header of a report.
    static let ofReport = CallHeader(isReport: true)

    private init(isReport: Bool) {
        (method, self.isReport, baggageSize, stamp) = (0, isReport, 0, 0)
    }

    /// Reads a header; nil if there is none, or one of another version.
    init?(_ payload: UnsafeRawBufferPointer) {
        guard payload.count >= Self.size else { return nil }
        let word = UInt64(littleEndian: payload.loadUnaligned(as: UInt64.self))
        let kind = UInt16(truncatingIfNeeded: word >> 32)
        baggageSize = Int(word >> 48)
        guard kind == Self.call || kind == Self.report, payload.count - Self.size >= baggageSize else { return nil }
        isReport = kind == Self.report
        method = UInt32(truncatingIfNeeded: word)
        stamp = Int64(littleEndian: payload.loadUnaligned(fromByteOffset: 8, as: Int64.self))
    }

    func write(to writer: inout WireWriter) {
        let kind = UInt64(isReport ? Self.report : Self.call)
        writer.writeFixed(UInt64(baggageSize) << 48 | kind << 32 | UInt64(method))
        writer.writeFixed(stamp)
    }
}

extension CallArguments {
    /// Begins a call of a method, in the memory of the call before.
    mutating func begin(_ method: UInt32, baggage: [UInt8]?) {
        removeAll()
        withWriter { writer in
            CallHeader(method: method, baggageSize: baggage?.count ?? 0).write(to: &writer)
            if let baggage { baggage.withUnsafeBytes { writer.writeRaw($0) } }
        }
    }
}
