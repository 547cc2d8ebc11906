/// An encoded call, and who waits for its outcome.
struct OutgoingCall: Sendable {
    /// The number of the method and its arguments, as they go into the ring.
    let payload: [UInt8]
    /// In nanoseconds of the monotonic clock.
    let deadline: Int64
    let pending: PendingCall
}

extension CallArguments {
    /// The bytes of a method's number, before its arguments.
    static let methodSize = MemoryLayout<UInt32>.size

    /// What goes into the ring: the number of the method, little-endian, and the arguments.
    func payload(calling method: UInt32) -> [UInt8] {
        withUnsafeBytes(of: method.littleEndian) { Array($0) } + bytes
    }
}
