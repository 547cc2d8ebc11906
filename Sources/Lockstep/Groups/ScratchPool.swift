import Synchronization

/// Memory in which calls are encoded, used again and again.
final class ScratchPool: Sendable {
    /// More than so many at once are rare, and so are larger ones: they are not kept.
    private static let countMax = 64
    private static let byteCountMax = 1 << 16

    private let free = Mutex<[CallArguments]>([])

    func take() -> CallArguments { free.withLock { $0.popLast() } ?? CallArguments() }

    func giveBack(_ call: CallArguments) {
        guard call.capacity <= Self.byteCountMax else { return }
        free.withLock { free in
            if free.count < Self.countMax { free.append(call) }
        }
    }
}
