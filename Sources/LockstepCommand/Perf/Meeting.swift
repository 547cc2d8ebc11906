import Lockstep

/// Where all members wait for each other before each part of a measurement.
struct Meeting {
    private let node: Node
    private let memory: BenchmarkMemory
    /// Parts begun so far, in which this member is like the others.
    private var part: UInt64 = 0

    init(_ node: Node, _ memory: BenchmarkMemory) { (self.node, self.memory) = (node, memory) }

    /// Waits until all are done with the part before, and gives the number of the next one. The pollers run meanwhile:
    /// others may need this one's.
    mutating func meet() async throws -> UInt64 {
        part += 1
        let part = part
        try await node.runOnPoller(with: memory) { words, _ in
            words.set(.arrived, part)
            words.wake(words.others)
        }
        while try await !node.runOnPoller(with: memory, { words, _ in words.all(.arrived, are: part) }) {
            try await Task.sleep(for: .milliseconds(1))
        }
        return part
    }
}
