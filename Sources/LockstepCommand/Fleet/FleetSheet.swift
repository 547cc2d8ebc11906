import CLockstep
import Glibc
import LockstepFabric

/// Memory of a member in which its parent reads how far it got, also when it was killed.
struct FleetSheet: Sendable {
    private let memory: SharedMemoryRegion

    /// Callers that one member can have.
    static let callersMax = 64
    /// Only pauses of a tenth of a millisecond are written down. So there cannot be more than one for each tenth, and the
    /// parent, if it looks every second, misses none.
    static let pauseMin: Int64 = 100_000
    static let pausesMax = 1 << 15

    /// One caller's last update whose result it has.
    static func acknowledged(by caller: Int) -> Int { SharedMemoryRegion.firstAllocation + caller * 8 }
    /// When the last result of any caller came.
    private static let latest = acknowledged(by: callersMax)
    /// How many pauses there were.
    static let pauses = latest + 8
    /// When a pause ended; its length is in the word behind.
    static func pause(_ number: UInt64) -> Int { pauses + 8 + Int(number % UInt64(pausesMax)) * 16 }
    /// As regions give memory: in cache lines.
    static let size = (pause(UInt64(pausesMax - 1)) + 16 + 63) & ~63

    init() throws {
        memory = try SharedMemoryRegion(name: "lockstep-sheet", size: Self.size)
        _ = try memory.allocate(Self.size - SharedMemoryRegion.firstAllocation)
    }

    /// What the parent finds the memory by.
    var descriptor: Int32 { memory.descriptor }

    /// Notes that a caller has the result of an update. All callers of a member are on one thread.
    func note(_ sequence: UInt64, by caller: Int) {
        let (region, now) = (memory.region, lockstep_monotonic_ns())
        region.storeReleasing(sequence, at: Self.acknowledged(by: caller))
        let before = Int64(region.load(Self.latest))
        region.store(UInt64(now), at: Self.latest)
        guard before > 0, now - before >= Self.pauseMin else { return }
        let number = region.load(Self.pauses)
        region.store(UInt64(now), at: Self.pause(number))
        region.store(UInt64(now - before), at: Self.pause(number) + 8)
        region.storeReleasing(number + 1, at: Self.pauses)
    }
}

/// A member's sheet, as its parent reads it.
struct FleetReading {
    private let memory: SharedMemoryMirror
    private var pausesRead: UInt64 = 0

    /// Maps the sheet of a process that lives.
    init(of process: pid_t, descriptor: Int32) throws {
        let path = "/proc/\(process)/fd/\(descriptor)"
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw PerfFailure("\(path) cannot be opened: \(String(cString: strerror(errno))).") }
        defer { close(file) }
        memory = try SharedMemoryMirror(descriptor: file, size: FleetSheet.size)
    }

    /// The last updates whose results the callers have.
    func acknowledged(callers: Int) -> [UInt64] {
        (0..<callers).map { memory.mirror.loadAcquiring(FleetSheet.acknowledged(by: $0)) }
    }

    /// The longest of the pauses that were not read before and ended after a time: 0 if there is none.
    mutating func longestPause(endingAfter time: Int64) -> UInt64 {
        let ever = memory.mirror.loadAcquiring(FleetSheet.pauses)
        defer { pausesRead = ever }
        return (pausesRead..<ever).reduce(0) { longest, number in
            let place = FleetSheet.pause(number)
            let isAfter = memory.mirror.loadAcquiring(place) > UInt64(time)
            return isAfter ? max(longest, memory.mirror.loadAcquiring(place + 8)) : longest
        }
    }
}
