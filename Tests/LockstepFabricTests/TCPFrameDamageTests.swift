import LockstepTesting
import NIOCore
import NIOEmbedded
import Testing

@testable import LockstepFabric

@Suite("What comes on a connection of the fabric over TCP", .timeLimit(.minutes(2)))
struct TCPFrameDamageTests {
    /// Where the bytes of groups begin; nothing else is written here.
    private static let start = SharedMemoryLayout.arenaOffset

    /// A connection without a network.
    private struct Connection {
        let memory: TCPMemory
        private let socket = EmbeddedChannel()

        init(_ region: SharedMemoryRegion) throws {
            memory = try TCPMemory(size: regionSize, isCalled: true)
            try socket.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
            try memory.begin(.polling, on: socket, of: region, isPlain: true)
        }

        /// Takes bytes in pieces of any size, until it is closed.
        func receive(_ bytes: ByteBuffer, random: inout SeededRandom) throws {
            var rest = bytes
            let most = random.pick([1, 7, 64, 4096])
            while rest.readableBytes > 0, socket.isActive {
                try socket.writeInbound(rest.readSlice(length: random.pick(1...min(rest.readableBytes, most))))
            }
        }
    }

    private func frame(at offset: Int, _ words: [UInt64]) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeInteger(TCPFrame.head(of: offset..<offset + words.count * 8), endianness: .little)
        for word in words { bytes.writeInteger(word, endianness: .little) }
        return bytes
    }

    @Test func arrivesWholeHoweverItIsCut() throws {
        let region = try SharedMemoryRegion(name: "cut", size: regionSize)
        for seed in 0..<40 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            var expected = [UInt64](repeating: 0, count: 256)
            var bytes = ByteBuffer()
            for _ in 0..<random.pick(1...12) {
                let first = random.pick(0...expected.count - 1)
                let words = (0..<random.pick(0...min(40, expected.count - first))).map { _ in random.next() }
                expected.replaceSubrange(first..<first + words.count, with: words)
                var next = words.isEmpty ? ByteBuffer(integer: TCPFrame.wake) : frame(at: Self.start + first * 8, words)
                bytes.writeBuffer(&next)
            }
            let connection = try Connection(region)
            try connection.receive(bytes, random: &random)
            let mirror = connection.memory.mirror
            #expect(expected.indices.map { mirror.loadAcquiring(Self.start + $0 * 8) } == expected)
            #expect(connection.memory.isOpen)
        }
    }

    @Test func writesNothingBesideTheMirrorWhateverItIs() throws {
        let region = try SharedMemoryRegion(name: "damage", size: regionSize)
        var ended = 0
        for seed in 0..<500 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            var bytes = ByteBuffer()
            for _ in 0..<random.pick(1...6) {
                let words = (0..<random.pick(0...9)).map { _ in random.next() }
                var next = frame(at: Self.start + random.pick(0...100) * 8, words)
                bytes.writeBuffer(&next)
            }
            for _ in 0..<random.pick(1...8) {
                bytes.setInteger(UInt8(truncatingIfNeeded: random.next()), at: random.pick(0...bytes.readableBytes - 1))
            }
            let connection = try Connection(region)
            try connection.receive(bytes, random: &random)
            if !connection.memory.isOpen { ended += 1 }
        }
        #expect(ended > 100)
    }
}
