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
    var deadline: Int64 {
        let (sum, overflow) = now().addingReportingOverflow(nanoseconds)
        return overflow ? .max - 1 : sum
    }
}
