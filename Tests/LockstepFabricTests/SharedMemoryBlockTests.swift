import Glibc
import Testing

@testable import LockstepFabric

@Suite("A block of memory that is handed over")
struct SharedMemoryBlockTests {
    private func copy(_ bytes: [UInt8]) throws -> [UInt8] {
        let made = try bytes.withUnsafeBytes { try SharedMemoryBlock(name: "block", copying: $0) }
        let taken = try SharedMemoryBlock(mapping: try #require(made.descriptor), size: made.size)
        return taken.withBytes { Array($0) }
    }

    @Test(arguments: [0, 1, 4095, 4096, 1_000_003])
    func hasTheBytesThatWentIn(_ count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(try copy(bytes) == bytes)
    }

    @Test func isRefusedWithAnotherSize() throws {
        let made = try [UInt8](repeating: 1, count: 100).withUnsafeBytes {
            try SharedMemoryBlock(name: "block", copying: $0)
        }
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
