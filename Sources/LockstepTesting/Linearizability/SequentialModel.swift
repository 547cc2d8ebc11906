/// What something does when its operations come one after the other: what histories are compared with.
///
/// ```swift
/// struct RegisterModel: SequentialModel {
///     enum Input: Hashable { case read, write(Int) }
///     let initial = 0
///
///     func step(_ state: Int, _ input: Input, _ output: Int?) -> Int? {
///         switch input {
///         case .write(let value): value
///         case .read: output == nil || output == state ? state : nil
///         }
///     }
/// }
/// ```
public protocol SequentialModel: Sendable {
    /// What the thing is between two operations.
    associatedtype State: Hashable & Sendable
    /// An operation with its arguments.
    associatedtype Input: Hashable & Sendable
    /// What an operation returns.
    associatedtype Output: Sendable

    /// The state before the first operation.
    var initial: State { get }

    /// The state after an operation; nil if it cannot have returned that in this state. An output of nil means that nobody
    /// knows what it returned.
    func step(_ state: State, _ input: Input, _ output: Output?) -> State?
}

/// One operation of a history.
public struct Operation<Input: Sendable, Output: Sendable>: Sendable {
    /// What was asked.
    public let input: Input
    /// What it returned; nil if nobody knows, and then it may have taken effect at any time after it began, or not at all.
    public let output: Output?
    /// When it began and ended, on one clock for the whole history.
    public let time: ClosedRange<UInt64>

    /// Makes an operation, such as one that was read from a log.
    public init(_ input: Input, _ output: Output?, at time: ClosedRange<UInt64>) {
        (self.input, self.output, self.time) = (input, output, output == nil ? time.lowerBound...UInt64.max : time)
    }
}
