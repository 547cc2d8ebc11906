import CAllocations

/// How often this process has asked for memory.
enum AllocationCount {
    static var now: UInt64 { lockstep_allocation_count() }

    /// Whether what Swift allocates is counted at all: an instance of a class, and the growth of an array.
    static var isComplete: Bool {
        let start = now
        let instance = Instance()
        let between = now
        grow(&instance.values)
        return between > start && now > between
    }

    /// Stays out of line, or else the compiler would leave the array out.
    @inline(never)
    private static func grow(_ values: inout [Int]) { values.append(values.count) }
}

/// Is overridden, so that the compiler cannot put an instance on the stack.
private final class Instance {
    var values: [Int] = []

    @inline(never)
    init() {}
}
