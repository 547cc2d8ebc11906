import CLockstep
import Foundation
import Testing

@testable import LockstepFabric

@Suite("A region of shared memory")
struct SharedMemoryRegionTests {
    @Test("cannot be mapped for writing by anybody else")
    func noForeignWriting() throws {
        let region = try SharedMemoryRegion(name: "sealed", size: regionSize)
        let map = mmap(nil, regionSize, PROT_READ | PROT_WRITE, MAP_SHARED, region.descriptor, 0)
        #expect(map == MAP_FAILED)
        #expect(errno == EPERM)
        #expect(write(region.descriptor, "x", 1) == -1)
    }

    @Test("keeps its size", arguments: [0, regionSize / 2, regionSize * 2])
    func fixedSize(size: Int) throws {
        let region = try SharedMemoryRegion(name: "sealed", size: regionSize)
        #expect(ftruncate(region.descriptor, size) == -1)
        #expect(errno == EPERM)
    }

    @Test("shows its owner's writes to who has mapped it")
    func mirrored() throws {
        let region = try SharedMemoryRegion(name: "mirrored", size: regionSize)
        let peer = try SharedMemoryMirror(descriptor: region.descriptor, size: regionSize)
        let offset = try region.allocate(64)
        let bytes: [UInt8] = [1, 2, 3]
        withExtendedLifetime((region, peer)) {
            region.region.storeReleasing(42, at: offset)
            #expect(peer.mirror.loadAcquiring(offset) == 42)
            bytes.withUnsafeBytes { region.region.write($0, at: offset + 8) }
            #expect(peer.mirror.bytes(offset + 8..<offset + 11).elementsEqual(bytes))
        }
    }

    @Test("stays mapped by a peer when its owner is gone")
    func outlivesItsOwner() throws {
        var region: SharedMemoryRegion? = try SharedMemoryRegion(name: "orphan", size: regionSize)
        let offset = try #require(try region?.allocate(8))
        let mirror = try SharedMemoryMirror(descriptor: try #require(region?.descriptor), size: regionSize)
        region?.region.store(7, at: offset)
        region = nil
        withExtendedLifetime(mirror) { #expect(mirror.mirror.loadAcquiring(offset) == 7) }
    }

    @Test("is not mapped with a wrong size", arguments: [4096, regionSize - 1, regionSize * 2])
    func wrongSize(size: Int) throws {
        let region = try SharedMemoryRegion(name: "wrong-size", size: regionSize)
        #expect(throws: FabricError.self) {
            try SharedMemoryMirror(descriptor: region.descriptor, size: size)
        }
    }

    @Test("is told from other sealed memory")
    func notARegion() throws {
        var descriptor: Int32 = -1
        var base: UnsafeMutableRawPointer?
        #expect(lockstep_region_create("other", regionSize, &descriptor, &base) == 0)
        defer {
            lockstep_unmap(base, regionSize)
            close(descriptor)
        }
        let error = #expect(throws: FabricError.self) {
            try SharedMemoryMirror(descriptor: descriptor, size: regionSize)
        }
        #expect(error?.description == "A peer handed over memory that is not a region of Lockstep.")
    }

    @Test("is told from a file that could shrink")
    func notSealed() throws {
        let file = try #require(tmpfile())
        defer { fclose(file) }
        #expect(ftruncate(fileno(file), regionSize) == 0)
        #expect(throws: FabricError.self) {
            try SharedMemoryMirror(descriptor: fileno(file), size: regionSize)
        }
    }

    @Test("of another layout is refused with both numbers")
    func otherLayout() throws {
        let region = try SharedMemoryRegion(name: "other-layout", size: regionSize)
        region.region.store(99, at: SharedMemoryLayout.versionOffset)
        let error = #expect(throws: FabricError.self) {
            try SharedMemoryMirror(descriptor: region.descriptor, size: regionSize)
        }
        let numbers = "layout 99, this node's has \(SharedMemoryLayout.version)"
        #expect(error?.description.contains(numbers) == true)
    }

    @Test("too small for the fabric's own words cannot be made")
    func tooSmall() {
        #expect(throws: FabricError.self) { try SharedMemoryRegion(name: "small", size: 4096) }
    }

    @Test("leaves nothing behind, whether it was mapped or refused")
    func nothingLeaks() throws {
        let name = "leak-\(UInt64.random(in: 0 ... .max))"
        for _ in 0..<50 {
            let region = try SharedMemoryRegion(name: name, size: regionSize)
            _ = try SharedMemoryMirror(descriptor: region.descriptor, size: regionSize)
            _ = try? SharedMemoryMirror(descriptor: region.descriptor, size: regionSize * 2)
            region.region.store(0, at: SharedMemoryLayout.magicOffset)
            _ = try? SharedMemoryMirror(descriptor: region.descriptor, size: regionSize)
            _ = try? SharedMemoryRegion(name: name, size: 4096)
        }
        #expect(OwnProcess.descriptorCount(naming: name) == 0)
        #expect(try OwnProcess.mapCount(naming: name) == 0)
    }
}

@Suite("The arena of a region")
struct ArenaTests {
    @Test("gives zeroed memory, aligned to cache lines, to one taker each")
    func allocations() throws {
        let region = try SharedMemoryRegion(name: "arena", size: regionSize)
        var end = SharedMemoryRegion.firstAllocation
        for count in [1, 64, 65, 4096, 8] {
            let offset = try region.allocate(count)
            #expect(offset % 64 == 0 && offset >= end)
            #expect(region.region.mirror.bytes(offset..<offset + count).allSatisfy { $0 == 0 })
            Array(repeating: UInt8.max, count: count).withUnsafeBytes { region.region.write($0, at: offset) }
            end = offset + count
        }
    }

    @Test("gives all it has, and then says how to get more")
    func exhaustion() throws {
        let region = try SharedMemoryRegion(name: "arena", size: regionSize)
        let rest = regionSize - SharedMemoryRegion.firstAllocation
        #expect(throws: FabricError.self) { try region.allocate(rest + 1) }
        #expect(try region.allocate(rest) == SharedMemoryRegion.firstAllocation)
        let error = #expect(throws: FabricError.self) { try region.allocate(1) }
        #expect(error?.description.contains("Raise `regionBytes`") == true)
    }
}
