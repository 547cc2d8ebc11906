import Lockstep

/// A receiver that reads every byte, and knows how many messages have come.
struct Tally: RawReceiver {
    private(set) var count = 0
    private(set) var sum: UInt64 = 0

    mutating func receive(_ message: RawMessage, _ bytes: RawSpan) {
        for at in bytes.byteOffsets { sum &+= UInt64(bytes.unsafeLoad(fromUncheckedByteOffset: at, as: UInt8.self)) }
        count += 1
    }
}

/// The same with a typed update, which goes through encoding, the actor and a result.
@Replicated
distributed actor TypedTally {
    private var sum = 0

    distributed func add(_ value: Int) -> Int {
        sum &+= value
        return sum
    }
}
