/// A latch that opens when it has been counted down: what histories of countdown latches are compared with.
public struct LatchModel: SequentialModel {
    /// What is done with the latch.
    public enum Input: Hashable, Sendable {
        /// Returns how often it has to be counted yet.
        case countDown
        /// Returns, whatever, when it is open.
        case wait
    }

    /// How often it has to be counted first.
    public let initial: Int

    /// Makes the model of a latch that has to be counted down so often.
    public init(count: Int) { initial = count }

    /// Refuses every count but that of the former one less one, and those who wait for a latch that is not open.
    public func step(_ left: Int, _ input: Input, _ output: Int?) -> Int? {
        switch input {
        case .countDown:
            let next = max(0, left - 1)
            return output == nil || output == next ? next : nil
        case .wait:
            return output == nil || left == 0 ? left : nil
        }
    }
}
