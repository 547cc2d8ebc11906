import DequeModule
import LockstepProtocol

/// This node's messages that a view has not delivered, in their order: they are sent again in the next one.
struct Carryover {
    private var bytes: [UInt8] = []
    /// Where the first message begins in `bytes`.
    private var start = 0
    private var messages: Deque<Message> = []

    private struct Message {
        let length: Int
        let waiting: InFlight?
    }

    /// Messages of one length that follow each other.
    struct Run {
        let length: Int
        let count: Int
    }

    var isEmpty: Bool { messages.isEmpty }

    mutating func append(_ payload: UnsafeRawBufferPointer, waiting: InFlight?) {
        bytes += payload
        messages.append(Message(length: payload.count, waiting: waiting))
    }

    mutating func append(contentsOf other: Carryover) {
        bytes += other.bytes[other.start...]
        messages += other.messages
    }

    /// What comes first.
    var nextRun: Run? {
        guard let length = messages.first?.length else { return nil }
        return Run(length: length, count: messages.prefix { $0.length == length }.count)
    }

    /// Takes the first messages of a run, one after the other, and who waits for them.
    mutating func take(_ count: Int, _ body: (_ index: Int, _ payload: ArraySlice<UInt8>) -> Void) -> [InFlight?] {
        var waiting: [InFlight?] = []
        for index in 0..<count {
            let message = messages.removeFirst()
            body(index, bytes[start..<start + message.length])
            start += message.length
            waiting.append(message.waiting)
        }
        if messages.isEmpty { self = Carryover() }
        return waiting
    }

    /// Gives up: who waits for the messages.
    mutating func removeAll() -> [InFlight] {
        defer { self = Carryover() }
        return messages.compactMap(\.waiting)
    }
}
