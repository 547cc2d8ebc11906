import CLockstep
import Lockstep

/// How fast one plain TCP connection is between the members: the first member fills what it sends, the second reads
/// and adds up what comes.
struct StreamLimit {
    private let words: BenchmarkWords
    private let messageSize: Int
    /// Where the writer is reached.
    private let writerHost: String
    private let stride: Int
    /// Messages that are sent at once.
    private let batch: Int

    init(_ words: BenchmarkWords, messageSize: Int, writerHost: String?) {
        self.words = words
        self.writerHost = writerHost ?? "127.0.0.1"
        self.messageSize = messageSize
        stride = max(8, (messageSize + 7) & ~7)
        batch = max(1, 1 << 18 / stride)
    }

    /// Sends or reads for a time, beginning together with the others.
    func run(part: UInt64, nanoseconds: Int64) throws -> (tally: Tally, nanoseconds: UInt64) {
        switch words.memory.rank {
        case 0: return try write(part, nanoseconds)
        case 1: return (try read(part), 0)
        default:
            // It has no part in it, and takes the writer's word.
            words.startTogether(part)
            words.sleep { words.get(.ended, of: 0) >= part }
            return (Tally(messages: words.get(.written, of: 0), sum: words.get(.writtenSum, of: 0)), 0)
        }
    }

    private func write(_ part: UInt64, _ length: Int64) throws -> (Tally, UInt64) {
        let listener = try PlainSocket.listening(at: writerHost)
        words.set(.streamPort, UInt64(try listener.port()))
        words.startTogether(part)
        let stream = try listener.accepted()
        let start = lockstep_monotonic_ns()
        var tally = Tally()
        try withBuffer { buffer in
            while lockstep_monotonic_ns() < start + length {
                tally.sum &+= Payload.fill(
                    buffer, messageSize: messageSize, stride: stride, firstNumber: tally.messages)
                tally.messages += UInt64(batch)
                try stream.send(UnsafeRawBufferPointer(buffer))
            }
        }
        try stream.finish()
        let nanoseconds = UInt64(lockstep_monotonic_ns() - start)
        words.set(.written, tally.messages)
        words.set(.writtenSum, tally.sum)
        words.set(.ended, part)
        words.wake(words.others)
        return (tally, nanoseconds)
    }

    private func read(_ part: UInt64) throws -> Tally {
        words.startTogether(part)
        let port = Int(truncatingIfNeeded: words.get(.streamPort, of: 0))
        let stream = try PlainSocket.connected(to: NodeAddress(writerHost, port: port))
        var tally = Tally()
        try withBuffer { buffer in
            while true {
                let count = try stream.receive(into: buffer)
                let messages = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                tally.sum &+= Payload.sum(messages, messageSize: messageSize, stride: stride)
                tally.messages += UInt64(count / stride)
                if count < buffer.count { break }
            }
        }
        return tally
    }

    private func withBuffer(_ body: (UnsafeMutableRawBufferPointer) throws -> Void) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: batch * stride, alignment: 64)
        defer { buffer.deallocate() }
        buffer.initializeMemory(as: UInt8.self, repeating: 0)
        try body(buffer)
    }
}
