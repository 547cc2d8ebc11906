import Foundation
import Synchronization

@testable import LockstepFabric

/// Two nodes in one process, connected by some kind of fabric.
struct Pair: Sendable {
    let regions: [SharedMemoryRegion]
    /// The memory of each, as the other sees it.
    let memories: [any PeerMemory]
    /// Where each keeps a word that it raises.
    let offset: Int

    /// - Parameter pollers: How many each has.
    init(name: String, _ kind: FabricKind = .sharedMemory, pollers: [Int] = [1, 1]) throws {
        regions = try (0..<2).map {
            try SharedMemoryRegion(name: "\(name)-\($0)", size: regionSize, pollers: pollers[$0])
        }
        memories = try kind.connect(regions[0], regions[1])
        offset = try regions.map { try $0.allocate(8) }[0]
    }

    /// The fabric of one of them, for the thread that calls this.
    func fabric(_ node: Int, _ channel: FabricChannel = .polling) -> NodeFabric {
        NodeFabric(
            own: regions[node], me: Peer(node), memories: [Peer(1 - node): memories[1 - node]], channel: channel
        )
    }

    /// Raises a node's word, pushes it to the other and wakes it.
    func raise(to value: UInt64, on fabric: NodeFabric, of node: Int) {
        fabric.region.storeReleasing(value, at: offset)
        fabric.push(offset..<offset + 8, to: PeerSet([Peer(1 - node)]))
        fabric.notify(PeerSet([Peer(1 - node)]), of: 0) { true }
    }

    /// Sleeps until the other's word has a value.
    func await(_ value: UInt64, on fabric: NodeFabric, of node: Int) {
        let mirror = fabric.mirror(of: Peer(1 - node))
        while mirror.loadAcquiring(offset) < value {
            fabric.park(until: nil) { mirror.loadAcquiring(offset) >= value }
        }
    }

    /// Waits until a node can be seen to sleep, or to be about to.
    func awaitParked(_ node: Int, _ channel: FabricChannel = .polling) {
        while regions[node].region.futexWord(channel.parkedOffset).value == 0 { sched_yield() }
    }
}

let regionSize = 1 << 18

/// Runs a closure that may block on a thread of its own.
func onThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: body()) }
    }
}

/// What this process holds, by the names that the kernel shows.
enum OwnProcess {
    static func descriptorCount(naming name: String) -> Int {
        let folder = "/proc/self/fd"
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return entries.filter { entry in
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(entry)")
            return target?.contains(name) == true
        }.count
    }

    static func mapCount(naming name: String) throws -> Int {
        let maps = try String(contentsOfFile: "/proc/self/maps", encoding: .utf8)
        return maps.split(separator: "\n").filter { $0.contains(name) }.count
    }
}

/// Something that one thread tells others.
final class Flag: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .acquiring) }

    func set() { value.store(true, ordering: .releasing) }
}
