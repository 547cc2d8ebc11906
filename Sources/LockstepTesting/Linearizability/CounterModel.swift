/// A counter that is zero at first; adding returns the sum.
public struct CounterModel: SequentialModel {
    /// What is added.
    public typealias Input = Int

    public let initial = 0

    /// Makes the model.
    public init() {}

    public func step(_ sum: Int, _ amount: Int, _ output: Int?) -> Int? {
        output == nil || output == sum + amount ? sum + amount : nil
    }
}
