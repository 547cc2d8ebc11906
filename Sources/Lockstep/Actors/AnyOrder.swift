extension Set {
    /// The set itself, where an update says that the order of its elements does not matter.
    ///
    /// A set iterates in another order on every replica. ``Replicated(level:)`` refuses what could make the replicas
    /// differ, unless the order was said not to matter:
    ///
    /// ```swift
    /// for member in members.anyOrder { seats[member] = nil }
    /// ```
    public var anyOrder: Self { self }
}

extension Dictionary {
    /// The dictionary itself, where an update says that the order of its elements does not matter.
    ///
    /// A dictionary iterates in another order on every replica. ``Replicated(level:)`` refuses what could make the
    /// replicas differ, unless the order was said not to matter:
    ///
    /// ```swift
    /// total = stock.anyOrder.values.reduce(0, +)
    /// ```
    public var anyOrder: Self { self }
}
