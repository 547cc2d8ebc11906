/// Nanoseconds to encode a value and to decode it.
struct Cost {
    var encode: Double
    var decode: Double

    var both: Double { encode + decode }
}

/// Nanoseconds of one run of something: the least of several rounds, which other programs disturb least.
func nanoseconds(_ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    var runs = 1
    var least = Double.infinity
    var rounds = 0
    while rounds < Round.count {
        let time = try clock.measure { for _ in 0..<runs { try body() } }
        if time < Round.length {
            runs *= 2
        } else {
            least = min(least, time / .nanoseconds(1) / Double(runs))
            rounds += 1
        }
    }
    return least
}

private enum Round {
    static let count = 9
    static let length = Duration.milliseconds(20)
}

/// Keeps a value that nobody needs.
@inline(never)
func keep<T>(_ value: T) {}
