/// Finds out whether a history is linearizable: whether each operation can have taken effect at one moment between its
/// beginning and its end, so that together they do what the model does.
///
/// It looks for an order as Lowe does (*Testing for linearizability*, 2017), after Wing and Gong, and as Porcupine: it
/// tries the operations that may come next, and never again what it knows to lead nowhere. Of those with unknown outcomes it
/// leaves out which change nothing, and takes equal ones in the order in which they began. Parts of a history that do not
/// touch each other, such as the keys of a map, are looked at one by one, since the time grows quickly with the number of
/// operations that overlap.
///
/// - Parameter part: Says which part of the thing an operation touches.
/// - Throws: ``LinearizabilityError`` if there is no such order.
public func checkLinearizability<Model: SequentialModel, Part: Hashable>(
    of operations: [Operation<Model.Input, Model.Output>], against model: Model,
    partitionedBy part: (Model.Input) -> Part
) throws {
    for (part, operations) in Dictionary(grouping: operations, by: { part($0.input) }) {
        var search = LinearizationSearch(operations, model)
        guard search.run() else { throw LinearizabilityError(part: "\(part)", operations, placed: search.mostPlaced) }
    }
}

/// The same for a thing that has no parts.
public func checkLinearizability<Model: SequentialModel>(
    of operations: [Operation<Model.Input, Model.Output>], against model: Model
) throws {
    try checkLinearizability(of: operations, against: model) { _ in "all" }
}

/// A history that no order of its operations explains.
public struct LinearizabilityError: Error, CustomStringConvertible {
    /// The part of the history, how far an order was found, and the operations, by their beginnings.
    public let description: String

    init<Input, Output>(part: String, _ operations: [Operation<Input, Output>], placed: Int) {
        let lines = operations.sorted { $0.time.lowerBound < $1.time.lowerBound }.map { operation in
            let end = operation.output == nil ? "?" : "\(operation.time.upperBound)"
            return "    \(operation.time.lowerBound) to \(end): \(operation.input) -> "
                + (operation.output.map { "\($0)" } ?? "unknown")
        }
        description = """
            The operations of "\(part)" are not linearizable: of \(operations.count), at most \(placed) fit into one order.
            \(lines.joined(separator: "\n"))
            """
    }
}

/// Looks for an order of operations. The beginnings and ends of those that have no place yet are a linked list, in the order
/// of time.
private struct LinearizationSearch<Model: SequentialModel> {
    private let model: Model
    private let operations: [Operation<Model.Input, Model.Output>]
    /// Beginnings are the operations' indices, ends are behind them; the head of the list comes last.
    private var next: [Int]
    private var previous: [Int]
    private let head: Int
    /// The operations that have a place, in their order, with the state before each.
    private var placed: [(operation: Int, before: Model.State)] = []
    private var isPlaced: [UInt64]
    private var state: Model.State
    private var known: Set<Reached> = []
    /// Of each operation with an unknown outcome, the last one that is equal and begins before, if there is one: as both may take
    /// effect at any time from then on, orders in which the later one does alone are as good with the other in its place.
    private var twins: [Int?]
    private(set) var mostPlaced = 0

    /// Which operations have a place, and what they have led to. Their order does not matter any more.
    private struct Reached: Hashable {
        let isPlaced: [UInt64]
        let state: Model.State
    }

    init(_ operations: [Operation<Model.Input, Model.Output>], _ model: Model) {
        (self.model, self.operations, state) = (model, operations, model.initial)
        let count = operations.count
        head = 2 * count
        let ends = operations.indices.filter { operations[$0].output != nil }.map { $0 + count }
        let events = (Array(operations.indices) + ends).map { event in
            (event, event < count ? operations[event].time.lowerBound : operations[event - count].time.upperBound)
        }
        // At one moment, what begins comes before what ends: they overlap.
        let order = events.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.map(\.0)
        next = Array(repeating: head, count: 2 * count + 1)
        previous = next
        var last = head
        for event in order {
            (next[last], previous[event]) = (event, last)
            last = event
        }
        (next[last], previous[head]) = (head, last)
        isPlaced = Array(repeating: 0, count: (count + 63) / 64)
        twins = Array(repeating: nil, count: count)
        var latest: [Model.Input: Int] = [:]
        for event in order where event < count && operations[event].output == nil {
            twins[event] = latest.updateValue(event, forKey: operations[event].input)
        }
    }

    /// True if there is an order of all operations that have ended, and of some of the others.
    mutating func run() -> Bool {
        var event = next[head]
        // Behind the last end nothing has to have a place any more.
        while event != head {
            if event < operations.count {
                event = place(event) ? next[head] : next[event]
            } else if let last = takeBack() {
                event = next[last]
            } else {
                return false
            }
        }
        return true
    }

    /// Gives an operation the next place; false if that cannot be, or was tried before.
    private mutating func place(_ operation: Int) -> Bool {
        let (input, output) = (operations[operation].input, operations[operation].output)
        if let twin = twins[operation], !hasPlace(twin) { return false }
        guard let after = model.step(state, input, output), output != nil || after != state else { return false }
        isPlaced[operation / 64] |= 1 << UInt64(operation % 64)
        guard known.insert(Reached(isPlaced: isPlaced, state: after)).inserted else {
            isPlaced[operation / 64] &= ~(1 << UInt64(operation % 64))
            return false
        }
        placed.append((operation, state))
        state = after
        mostPlaced = max(mostPlaced, placed.count)
        unlink(operation)
        if output != nil { unlink(operation + operations.count) }
        return true
    }

    private func hasPlace(_ operation: Int) -> Bool { isPlaced[operation / 64] >> UInt64(operation % 64) & 1 == 1 }

    /// Takes its place from the last operation, because what comes behind it cannot be.
    private mutating func takeBack() -> Int? {
        guard let (operation, before) = placed.popLast() else { return nil }
        state = before
        isPlaced[operation / 64] &= ~(1 << UInt64(operation % 64))
        if operations[operation].output != nil { link(operation + operations.count) }
        link(operation)
        return operation
    }

    private mutating func unlink(_ event: Int) {
        next[previous[event]] = next[event]
        previous[next[event]] = previous[event]
    }

    /// Puts back what was unlinked last.
    private mutating func link(_ event: Int) {
        next[previous[event]] = event
        previous[next[event]] = event
    }
}
