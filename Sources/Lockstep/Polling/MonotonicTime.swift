import CLockstep

/// The monotonic clock, in nanoseconds.
func now() -> Int64 { lockstep_monotonic_ns() }

extension Duration {
    /// Whole nanoseconds, at most as many as fit.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isJustTooLong) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        return isTooLong || isJustTooLong ? .max : sum
    }

    /// The time on the monotonic clock at which a wait of this length that begins now ends.
    var deadline: Int64 { now().deadline(after: nanoseconds) }
}

extension Int64 {
    /// The time so many nanoseconds after this one, at most the last but one that there is.
    func deadline(after nanoseconds: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(nanoseconds)
        return overflow ? .max - 1 : sum
    }
}

/// The time on the monotonic clock at which a wait of so many nanoseconds that begins now ends, or up to
/// 10 milliseconds later: that is read from a clock which costs a few nanoseconds only.
func coarseDeadline(after nanoseconds: Int64) -> Int64 {
    // So far the clock may be behind: a tick of the slowest kernel.
    (lockstep_monotonic_coarse_ns() + 10_000_000).deadline(after: nanoseconds)
}
