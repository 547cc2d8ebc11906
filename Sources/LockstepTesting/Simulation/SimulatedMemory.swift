import LockstepFabric

/// Memory of a simulated node: its region, or its copy of a peer's.
package final class SimulatedMemory {
    package let base: UnsafeMutableRawPointer
    package let size: Int

    /// Zeroed memory.
    package init(size: Int) {
        base = .allocate(byteCount: size, alignment: 64)
        base.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        self.size = size
    }

    deinit { base.deallocate() }

    package var region: Region { Region(base: base, size: size) }
    package var mirror: Mirror { Mirror(base: base, size: size) }

    /// Starts as what another memory holds.
    package func copy(_ other: SimulatedMemory) {
        precondition(size == other.size, "a mirror must be as large as its region")
        base.copyMemory(from: other.base, byteCount: size)
    }
}

/// The bytes of one push, as they were when it was posted.
package final class Snapshot {
    package let offset: Int
    private let bytes: [UInt8]

    package init(_ range: Range<Int>, of memory: SimulatedMemory) {
        precondition(range.lowerBound % 8 == 0 && range.count % 8 == 0, "a push must consist of whole words")
        offset = range.lowerBound
        bytes = Array(UnsafeRawBufferPointer(start: memory.base + range.lowerBound, count: range.count))
    }

    package var wordCount: Int { bytes.count / 8 }

    /// Writes all of it.
    func apply(to memory: SimulatedMemory) {
        bytes.withUnsafeBytes { memory.region.write($0, at: offset) }
    }

    /// Writes the words whose bits are set, one mask for each 64 of them.
    func apply(_ masks: [UInt64], to memory: SimulatedMemory) {
        bytes.withUnsafeBytes { source in
            for word in 0..<wordCount where masks[word / 64] >> (word % 64) & 1 != 0 {
                let value = source.loadUnaligned(fromByteOffset: word * 8, as: UInt64.self)
                memory.region.store(value, at: offset + word * 8)
            }
        }
    }
}
