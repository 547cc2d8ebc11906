import CLockstep

/// A point in time, and the processor time that this process had used by then.
struct Moment: Sendable {
    let nanoseconds: Int64
    let processorNanoseconds: Int64

    static var now: Moment {
        Moment(nanoseconds: lockstep_monotonic_ns(), processorNanoseconds: lockstep_processor_ns())
    }
}
