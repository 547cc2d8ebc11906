/// How two threads that cannot look into each other's memory at once agree on who sleeps: one end of it, without the way
/// between them.
///
/// Each end has a word in the other's memory: its own **number**, and the last of the other's numbers that it has seen.
/// An odd number says that this end parks or is about to, and it is also a **promise**: before this end pushes anything
/// again it makes the number even, and the first flush that is to wake wakes for certain. To echo the other's odd number is
/// the same promise. So an end may sleep when it has told the other its odd number and, looking after everything that wakes
/// it is armed, finds the promise: an echo of its number, or an odd number there. That two who sleep ask nothing of each
/// other keeps them from waking each other for ever.
///
/// A wake-up uses the promise up, so who has been woken takes another odd number before it sleeps again.
/// `docs/models/park-wake/echo.pml` is checked exhaustively.
struct ParkPromise: Equatable {
    private var number: UInt32 = 0
    private var seen: UInt32 = 0
    private var theirNumber: UInt32 = 0
    private var theirEcho: UInt32 = 0
    private var owesWake = false
    private var isSpent = false

    /// What the other is to know.
    var word: UInt64 { UInt64(number) << 32 | UInt64(seen) }

    /// Takes what the other says. True if it must be told that it was seen.
    mutating func take(_ word: UInt64) -> Bool {
        theirNumber = UInt32(word >> 32)
        theirEcho = UInt32(truncatingIfNeeded: word)
        guard theirNumber != seen else { return false }
        seen = theirNumber
        guard Self.isParked(theirNumber) else { return false }
        owesWake = true
        return true
    }

    /// The other has woken this end, whether it slept or not.
    mutating func noteWake() { isSpent = true }

    /// This end is about to sleep. True if the other must be told.
    mutating func park() -> Bool {
        defer { isSpent = false }
        if Self.isParked(number) {
            guard isSpent else { return false }
            number &+= 2
        } else {
            number &+= 1
        }
        return true
    }

    /// True if whatever the other pushes from here on wakes this end. To be asked when the wake-up is armed, with what the
    /// other says then.
    var maySleep: Bool { theirEcho == number || Self.isParked(theirNumber) }

    /// This end is about to push. True if the other must be told before.
    mutating func push() -> Bool {
        guard Self.isParked(number) else { return false }
        number &+= 1
        owesWake = true
        return true
    }

    /// True if the flush, which is to wake, must wake for certain.
    mutating func takeWake() -> Bool {
        defer { owesWake = false }
        return owesWake
    }

    private static func isParked(_ number: UInt32) -> Bool { number & 1 == 1 }
}
