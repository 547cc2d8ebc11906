/// A counter that is zero at first; adding returns the sum.
public struct CounterModel: SequentialModel {
    /// What is added.
    public typealias Input = Int

    /// The first sum.
    public let initial = 0

    /// Makes the model.
    public init() {}

    /// Refuses every sum but that of the former one and the amount.
    public func step(_ sum: Int, _ amount: Int, _ output: Int?) -> Int? {
        output == nil || output == sum + amount ? sum + amount : nil
    }
}
