import CLockstep
import Synchronization

@testable import LockstepFabric

/// The ways in which two nodes may be connected, all of which keep the promise of the fabric.
enum FabricKind: CaseIterable, Sendable {
    case sharedMemory
    /// The least that a remote link does.
    case copied

    /// True if others see what was pushed, and not what was written since.
    var carriesValues: Bool { self != .sharedMemory }

    /// The memory of each of two nodes, as the other sees it.
    func connect(_ first: SharedMemoryRegion, _ second: SharedMemoryRegion) throws -> [any PeerMemory] {
        switch self {
        case .sharedMemory:
            try [first, second].map { try SharedMemoryMirror(descriptor: $0.descriptor, size: regionSize) }
        case .copied:
            try CopiedMemory.pair(first, second)
        }
    }
}

/// A peer's memory, into which the peer's own thread copies what it pushes when it flushes.
final class CopiedMemory: RemoteMemory {
    private let memory: MirrorMemory
    private let owner: SharedMemoryRegion
    /// What the owner of this memory has of the node that reads it.
    private let opposite = Mutex<CopiedMemory?>(nil)
    private let openChannels = Mutex<Set<FabricChannel>>([])

    private init(of owner: SharedMemoryRegion) throws {
        memory = try MirrorMemory(size: regionSize)
        self.owner = owner
    }

    static func pair(_ first: SharedMemoryRegion, _ second: SharedMemoryRegion) throws -> [CopiedMemory] {
        let both = try [CopiedMemory(of: first), CopiedMemory(of: second)]
        for (index, memory) in both.enumerated() { memory.opposite.withLock { $0 = both[1 - index] } }
        for memory in both { memory.openChannels.withLock { $0 = [.polling, .membership] } }
        return both
    }

    var mirror: Mirror { memory.mirror }

    func open(_ channel: FabricChannel, from own: SharedMemoryRegion) -> any RemoteLink {
        Link(own.region, channel, self, opposite.withLock { $0! }, waker: owner.waker(of: channel))
    }

    private func take(_ words: [(Int, UInt64)], on channel: FabricChannel) {
        openChannels.withLock { channels in
            guard channels.contains(channel) else { return }
            for (offset, word) in words { memory.region.storeReleasing(word, at: offset) }
        }
    }

    private final class Link: RemoteLink {
        private let region: Region
        private let channel: FabricChannel
        private let memory: CopiedMemory
        private let destination: CopiedMemory
        private let waker: FabricWaker
        private var posted: [(Int, UInt64)] = []

        init(
            _ region: Region, _ channel: FabricChannel, _ memory: CopiedMemory, _ destination: CopiedMemory,
            waker: FabricWaker
        ) {
            self.region = region
            self.channel = channel
            self.memory = memory
            self.destination = destination
            self.waker = waker
        }

        func push(_ range: Range<Int>) {
            posted += stride(from: range.lowerBound, to: range.upperBound, by: 8).map { ($0, region.load($0)) }
        }

        func flush(waking isWaking: Bool) {
            destination.take(posted, on: channel)
            posted.removeAll()
            if isWaking { waker.wake() }
        }

        func poll() {}
        func prepareToPark() -> Bool { true }
        func unpark() {}
        func close() { memory.openChannels.withLock { _ = $0.remove(channel) } }
    }
}
