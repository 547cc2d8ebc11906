import LockstepFabric
import LockstepProtocol

/// Room for messages in this node's ring that somebody may write. The ``SendQueue`` that gave it keeps the memory mapped.
///
/// `@unchecked Sendable`: whoever holds it is the only one who writes there, until it is committed or withdrawn.
@usableFromInline
struct RingSpace: @unchecked Sendable {
    let claim: Claim
    /// The view whose ring it lies in.
    let view: UInt64
    @usableFromInline let count: Int
    @usableFromInline let first: UnsafeMutableRawPointer?
    @usableFromInline let stride: Int
    @usableFromInline let byteCount: Int

    init(_ claim: Claim, in ring: Range<Int>, of view: UInt64, _ region: Region) {
        self.claim = claim
        self.view = view
        count = claim.count
        byteCount = claim.payloadSize
        stride = claim.stride
        first = region.bytes(claim.payloads(in: ring)).baseAddress
    }

    /// The bytes of one message.
    @inlinable
    func bytes(_ index: Int) -> UnsafeMutableRawBufferPointer {
        precondition(index >= 0 && index < count, "a payload must belong to the claim")
        return UnsafeMutableRawBufferPointer(start: first.map { $0 + index * stride }, count: byteCount)
    }

    /// The bytes of one message, to be read.
    func payload(_ index: Int) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(bytes(index)) }
}
