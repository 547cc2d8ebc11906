import NIOCore
import NIOPosix
import Testing

@testable import LockstepFabric

@Suite("Frames of the fabric over TCP")
struct TCPFrameTests {
    @Test(arguments: [0..<8, 64..<128, (1 << 39)..<(1 << 39) + 8, 8..<8 + TCPFrame.bytesMax])
    func haveTheRangeThatTheirHeadSays(range: Range<Int>) {
        #expect(TCPFrame.range(TCPFrame.head(of: range), within: 1 << 40) == range)
    }

    @Test(arguments: [4..<12, 8..<12, 1 << 16..<1 << 16 + 8, (1 << 16) - 8..<(1 << 16) + 8])
    func areRefusedIfTheyAreNotOfWordsWithinTheRegion(range: Range<Int>) {
        #expect(TCPFrame.range(TCPFrame.head(of: range), within: 1 << 16) == nil)
    }

    @Test func areRefusedIfTheyAreTooLong() {
        #expect(TCPFrame.range(.max << 40, within: 1 << 40) == nil)
    }
}

@Suite("Connections of the fabric over TCP", .timeLimit(.minutes(2)))
struct TCPFabricTests {
    @Test func endTogetherWhenGarbageComes() throws {
        let region = try SharedMemoryRegion(name: "garbage", size: regionSize)
        let memory = try TCPMemory(size: regionSize, isCalled: true)
        let group = MultiThreadedEventLoopGroup.singleton
        let server = try ServerBootstrap(group: group)
            .childChannelInitializer { socket in
                socket.eventLoop.makeCompletedFuture {
                    try memory.begin(.polling, on: socket, of: region, isPlain: true)
                }
            }
            .bind(host: "127.0.0.1", port: 0).wait()
        let client = try ClientBootstrap(group: group).connect(to: #require(server.localAddress)).wait()
        try client.writeAndFlush(ByteBuffer(repeating: 0xFF, count: 64)).wait()
        try client.closeFuture.wait()
        #expect(memory.mirror.loadAcquiring(0) == 0)
        try server.close().wait()
    }

    /// Much leaves on the connection's thread, and little on the one that flushes.
    @Test func keepTheOrderOfMuchAndLittle() async throws {
        let pair = try Pair(name: "sizes", .tcp)
        let (bulk, flag) = (try pair.regions[0].allocate(1 << 16), try pair.regions[0].allocate(8))
        let words = stride(from: bulk, to: bulk + 1 << 16, by: 8)
        let last = 500 as UInt64
        async let pushing: Void = onThread {
            let (fabric, toSecond) = (pair.fabric(0), PeerSet([Peer(1)]))
            for count in 1...last {
                for word in words { fabric.region.storeReleasing(count, at: word) }
                fabric.push(bulk..<bulk + 1 << 16, to: toSecond)
                fabric.flush(toSecond)
                fabric.region.storeReleasing(count, at: flag)
                fabric.push(flag..<flag + 8, to: toSecond)
                fabric.flush(toSecond)
            }
            pair.await(1, on: fabric, of: 0)
        }
        let isInOrder = await onThread {
            let fabric = pair.fabric(1)
            let mirror = fabric.mirror(of: Peer(0))
            var (isInOrder, seen) = (true, 0 as UInt64)
            while seen < last {
                seen = mirror.loadAcquiring(flag)
                isInOrder = words.allSatisfy { mirror.loadAcquiring($0) >= seen } && isInOrder
            }
            pair.raise(to: 1, on: fabric, of: 1)
            return isInOrder
        }
        await pushing
        #expect(isInOrder)
    }

    @Test func endWhenAPeerDoesNotReadForTooLong() throws {
        let region = try SharedMemoryRegion(name: "deaf", size: regionSize)
        let memory = try TCPMemory(size: regionSize, isCalled: false, waitingBytesMax: 1 << 20)
        let group = MultiThreadedEventLoopGroup.singleton
        let isAccepted = group.next().makePromise(of: (any Channel).self)
        let server = try ServerBootstrap(group: group)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { socket in
                isAccepted.succeed(socket)
                return socket.eventLoop.makeSucceededVoidFuture()
            }
            .bind(host: "127.0.0.1", port: 0).wait()
        let client = try ClientBootstrap(group: group)
            .channelInitializer { socket in
                socket.eventLoop.makeCompletedFuture {
                    try memory.begin(.polling, on: socket, of: region, isPlain: true)
                }
            }
            .connect(to: #require(server.localAddress)).wait()
        let link = memory.open(.polling, from: region)
        while client.isActive {
            link.push(0..<regionSize)
            link.flush(waking: false)
        }
        // It may have found the end itself.
        _ = try isAccepted.futureResult.wait().close().map { true }.recover { _ in true }.wait()
        try server.close().wait()
    }
}
