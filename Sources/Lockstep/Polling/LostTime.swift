import CLockstep

/// How long others have had the core while the thread that asks was ready to run.
struct LostTime {
    /// What an interruption takes where the kernel does not tell.
    private static let guess: Int64 = 500_000

    private var switches: Int64 = 0
    private var nanoseconds: Int64 = 0

    /// In the life of the thread, as far as the last interruption told. A look without one costs half a microsecond.
    mutating func total() -> Int64 {
        let switches = lockstep_involuntary_switches()
        guard switches != self.switches else { return nanoseconds }
        self.switches = switches
        let told = lockstep_core_lost_ns()
        nanoseconds = told >= 0 ? told : switches * Self.guess
        return nanoseconds
    }
}
