import Distributed
import Lockstep

/// What is called: adds up, so that a call that is lost, doubled or out of order changes it.
@Replicated
distributed actor CallCounter {
    private var count: UInt64 = 0
    private var sum: UInt64 = 0
    private var order: UInt64 = 0

    /// Adds three integers and returns the sum of all.
    distributed func add(_ a: Int, _ b: Int, _ c: Int) -> Int {
        count += 1
        sum &+= CallNumbers.sum(a, b, c)
        order = (order ^ UInt64(truncatingIfNeeded: a)) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: sum)
    }

    /// Says that a caller has made its last call. It comes after all of its calls.
    distributed func finish() { CallMarks.shared.count() }

    /// The count, and the sum.
    @Query
    distributed func tally() -> [UInt64] { [count, sum] }
}

/// The arguments of a call.
enum CallNumbers {
    static func arguments(of number: UInt64) -> (Int, Int, Int) {
        (Int(truncatingIfNeeded: number), Int(number & 0x7F), Int(number & 0xFFFF))
    }

    static func sum(_ a: Int, _ b: Int, _ c: Int) -> UInt64 {
        UInt64(truncatingIfNeeded: a &+ 3 &* b &+ 5 &* c)
    }
}
