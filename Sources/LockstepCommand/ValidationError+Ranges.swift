import ArgumentParser

extension ValidationError {
    /// Throws a sentence if a number is out of its range.
    static func check(_ value: Int, in range: ClosedRange<Int>, named name: String) throws {
        guard range.contains(value) else {
            let limits = "from \(range.lowerBound) to \(range.upperBound)"
            throw ValidationError("\(name) must be \(limits), not \(value).")
        }
    }

    /// Throws a sentence if no node has so many pollers.
    static func check(pollers: Int) throws {
        guard [1, 2, 4, 8].contains(pollers) else {
            throw ValidationError("--pollers must be 1, 2, 4 or 8, not \(pollers).")
        }
    }
}
