import Lockstep

/// Numbers that depend on nothing but a seed, the same on every machine and with every library.
package struct SeededRandom: RandomNumberGenerator, Sendable {
    private var generator: UpdateRandom

    /// Numbers that depend on nothing but the seed.
    package init(seed: UInt64) { generator = UpdateRandom(seed: seed) }

    package mutating func next() -> UInt64 { generator.next() }

    /// A number from a closed range.
    package mutating func pick(_ range: ClosedRange<Int>) -> Int {
        let count = UInt64(range.upperBound - range.lowerBound) + 1
        return range.lowerBound + Int(next().multipliedFullWidth(by: count).high)
    }

    package mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[pick(0...choices.count - 1)]
    }

    /// True once in so many times.
    package mutating func oneIn(_ count: Int) -> Bool { pick(1...count) == 1 }

    package mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
        var result = elements
        for last in result.indices.dropFirst().reversed() { result.swapAt(last, pick(0...last)) }
        return result
    }
}
