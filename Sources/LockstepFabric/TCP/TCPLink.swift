import NIOCore

/// The way of one channel to a peer over TCP. What a turn pushes is gathered here, and leaves with its flush.
final class TCPLink: RemoteLink {
    private let region: Region
    private let channel: FabricChannel
    private let memory: TCPMemory
    private let connection: TCPConnection
    private var gathered = ByteBuffer()

    init(_ region: Region, _ channel: FabricChannel, of memory: TCPMemory, _ connection: TCPConnection) {
        self.region = region
        self.channel = channel
        self.memory = memory
        self.connection = connection
    }

    deinit { close() }

    func push(_ range: Range<Int>) {
        precondition((range.lowerBound | range.count) & 7 == 0, "a push must be of whole words")
        var rest = range
        while !rest.isEmpty {
            let part = rest.prefix(TCPFrame.bytesMax)
            gathered.writeInteger(TCPFrame.head(of: part), endianness: .little)
            gathered.writeBytes(region.bytes(part))
            rest = part.upperBound..<rest.upperBound
        }
    }

    func flush(waking isWaking: Bool) {
        if isWaking { gathered.writeInteger(TCPFrame.wake, endianness: .little) }
        if gathered.readableBytes > 0 { connection.send(&gathered) }
    }

    /// The connection's own thread does everything.
    func poll() {}

    /// That thread looks whether this one sleeps, behind all that has arrived.
    func prepareToPark() -> Bool { true }

    func unpark() {}

    /// The connection itself stays as long as the peer's other channel needs it.
    func close() {
        connection.fence()
        memory.noteClosed(channel)
    }
}
