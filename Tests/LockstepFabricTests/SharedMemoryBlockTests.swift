import Glibc
import Testing

@testable import LockstepFabric

@Suite("A block of memory that is handed over")
struct SharedMemoryBlockTests {
    @Test(arguments: [1, 4095, 4096, 1_000_003])
    func hasWhatItsMakerWrites(_ count: Int) throws {
        let made = try SharedMemoryBlock(name: "block", size: count)
        let taken = try SharedMemoryBlock(mapping: try #require(made.descriptor), size: made.size)
        #expect(taken.withBytes(0..<count) { $0.allSatisfy { $0 == 0 } })
        for round in 1...2 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ round) }
            made.bytesToWrite(0..<count).copyBytes(from: bytes)
            #expect(taken.withBytes(0..<count) { Array($0) } == bytes)
        }
    }

    @Test func isRefusedWithAnotherSize() throws {
        let made = try SharedMemoryBlock(name: "block", size: 100)
        let descriptor = try #require(made.descriptor)
        #expect(throws: FabricError.self) { _ = try SharedMemoryBlock(mapping: descriptor, size: 101) }
    }

    @Test func isRefusedIfItsOwnerCouldShrinkIt() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        #expect(throws: FabricError.self) { _ = try SharedMemoryBlock(mapping: ends[0], size: 1) }
    }
}
