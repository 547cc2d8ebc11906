import ArgumentParser

extension ValidationError {
    /// Throws a sentence if a number is out of its range.
    static func check(_ value: Int, in range: ClosedRange<Int>, named name: String) throws {
        guard range.contains(value) else {
            let limits = "from \(range.lowerBound) to \(range.upperBound)"
            throw ValidationError("\(name) must be \(limits), not \(value).")
        }
    }
}
