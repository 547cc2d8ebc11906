import LockstepTesting
import NIOCore
import NIOEmbedded
import Testing

@testable import LockstepFabric

@Suite("What comes on a connection of the fabric over TCP")
struct TCPFrameDamageTests {
    private let region: SharedMemoryRegion
    private let memory: TCPMemory
    private let socket = EmbeddedChannel()
    /// Where the bytes of groups begin; nothing else is written here.
    private let start = SharedMemoryLayout.arenaOffset

    init() throws {
        region = try SharedMemoryRegion(name: "damage", size: regionSize)
        memory = try TCPMemory(size: regionSize, isCalled: true)
        try socket.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        try memory.begin(.polling, on: socket, of: region)
    }

    private func frame(at offset: Int, _ words: [UInt64]) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.writeInteger(TCPFrame.head(of: offset..<offset + words.count * 8), endianness: .little)
        for word in words { bytes.writeInteger(word, endianness: .little) }
        return bytes
    }

    /// Gives the connection bytes in pieces of any size, until it is closed.
    private func receive(_ bytes: ByteBuffer, random: inout SeededRandom) throws {
        var rest = bytes
        while rest.readableBytes > 0, socket.isActive {
            let count = random.pick(1...min(rest.readableBytes, random.pick([1, 7, 64, 4096])))
            try socket.writeInbound(rest.readSlice(length: count))
        }
    }

    @Test(arguments: 0..<200)
    func arrivesWholeHoweverItIsCut(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        var expected = [UInt64](repeating: 0, count: 256)
        var bytes = ByteBuffer()
        for _ in 0..<random.pick(1...20) {
            let first = random.pick(0...expected.count - 1)
            let words = (0..<random.pick(0...min(40, expected.count - first))).map { _ in random.next() }
            expected.replaceSubrange(first..<first + words.count, with: words)
            var next = words.isEmpty ? ByteBuffer(integer: TCPFrame.wake) : frame(at: start + first * 8, words)
            bytes.writeBuffer(&next)
        }
        try receive(bytes, random: &random)
        #expect(expected.indices.map { memory.mirror.loadAcquiring(start + $0 * 8) } == expected)
        #expect(memory.isOpen)
    }

    @Test(arguments: 0..<2_000)
    func writesNothingBesideTheMirrorWhateverItIs(seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        var bytes = ByteBuffer()
        for _ in 0..<random.pick(1...6) {
            var next = frame(at: start + random.pick(0...100) * 8, (0..<random.pick(0...9)).map { _ in random.next() })
            bytes.writeBuffer(&next)
        }
        for _ in 0..<random.pick(1...8) {
            bytes.setInteger(UInt8(truncatingIfNeeded: random.next()), at: random.pick(0...bytes.readableBytes - 1))
        }
        try receive(bytes, random: &random)
    }
}
