import Lockstep

/// Adds up every byte of every message, until each sender has marked its end.
struct CountingReceiver: RawReceiver {
    private let messageSize: Int
    private let ended: AsyncStream<Void>.Continuation
    private var marksMissing: Int
    /// The messages since the last beginning.
    private(set) var tally = Tally()
    /// When the last mark came.
    private(set) var end = Moment.now

    /// Messages of another size than `messageSize` are marks; `ended` is told when all that are expected have come.
    init(messageSize: Int, marks: Int = 0, ended: AsyncStream<Void>.Continuation) {
        (self.messageSize, self.ended, marksMissing) = (messageSize, ended, marks)
    }

    /// Begins a new count.
    mutating func begin(marks: Int) {
        marksMissing = marks
        tally = Tally()
    }

    mutating func receive(_ message: RawMessage, _ bytes: RawSpan) {
        if bytes.byteCount == messageSize {
            tally.messages += 1
            tally.sum &+= Payload.sum(bytes)
        } else {
            marksMissing -= 1
            guard marksMissing == 0 else { return }
            end = .now
            ended.yield()
        }
    }
}
