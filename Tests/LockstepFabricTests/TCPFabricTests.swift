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
                socket.eventLoop.makeCompletedFuture { try memory.begin(.polling, on: socket, of: region) }
            }
            .bind(host: "127.0.0.1", port: 0).wait()
        let client = try ClientBootstrap(group: group).connect(to: #require(server.localAddress)).wait()
        try client.writeAndFlush(ByteBuffer(repeating: 0xFF, count: 64)).wait()
        try client.closeFuture.wait()
        #expect(memory.mirror.loadAcquiring(0) == 0)
        try server.close().wait()
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
                socket.eventLoop.makeCompletedFuture { try memory.begin(.polling, on: socket, of: region) }
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
