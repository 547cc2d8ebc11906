import Glibc

/// How long a member looks for what another does before it sleeps.
extension BenchmarkWords {
    private static let looksPerYield = 64

    /// Looks all the time, and now and then lets others run, who may make it so where processors are few.
    func look(until isSo: () -> Bool) {
        while true {
            for _ in 0..<Self.looksPerYield where isSo() { return }
            sched_yield()
        }
    }

    /// Lets others run a few times, and sleeps only if that has not made it so.
    ///
    /// That was the fastest of what was tried where much follows each other: a bare loop starves the others where
    /// processes outnumber processors, and to sleep at once halves the rate there.
    func yieldThenSleep(until isSo: () -> Bool) {
        for _ in 0..<Self.yieldsBeforeSleep {
            if isSo() { return }
            sched_yield()
        }
        sleep(until: isSo)
    }

    private static let yieldsBeforeSleep = 20
}
