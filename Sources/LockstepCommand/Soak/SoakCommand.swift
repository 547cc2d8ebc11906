import ArgumentParser
import Glibc
import LockstepTesting

/// Lets real processes come to grief for a long time, and checks that no update does.
struct SoakCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak",
        abstract: "Kill, stop, add and remove members under load, and check that no update is lost.",
        discussion: """
            Starts one cluster of processes after the other on this host. While all members make updates, some are \
            killed with -9, stopped for shorter or longer than the others wait, asked to leave, or added, several at \
            once too, but a majority always goes on. At the end of each cluster, every update that was acknowledged \
            must be on every replica exactly once, and all replicas must be equal.

            The events of a cluster follow from its seed, the moments when processes get to run do not. The exit code \
            is 1 if anything was wrong; then the seed and the last events are printed.
            """
    )

    @Option(help: "For how long, in minutes.")
    var minutes = 1.0

    @Option(help: "How many members a cluster shall have, 3 to 16.")
    var members = 5

    @Option(help: "The seed of the first cluster; each next one has the next. Without it, one is drawn.")
    var seed: UInt64?

    @Option(help: "How many pollers each member has: 1, 2, 4 or 8.")
    var pollers = 1

    @Flag(help: "Let members use locks, barriers, queues and all that they share too, and check what they saw.")
    var coordination = false

    @Flag(help: "Print the result as one line of JSON.")
    var json = false

    /// How long one cluster lasts.
    private static let seconds = 20.0

    func validate() throws {
        guard minutes > 0, minutes <= 60 * 24 * 7 else {
            throw ValidationError("--minutes must be more than 0 and at most 10080, not \(minutes).")
        }
        try ValidationError.check(members, in: 3...16, named: "--members")
        try ValidationError.check(pollers: pollers)
    }

    func run() throws {
        Interruption.watch()
        let report = try soak(from: seed ?? UInt64(UInt32.random(in: .min ... .max)))
        Terminal.write(json ? report.json.line + "\n" : report.text)
        if report.violation != nil { throw ExitCode.failure }
    }

    private func soak(from first: UInt64) throws -> SoakReport {
        var report = SoakReport(members: members, seed: first)
        let progress = ProgressLine()
        defer { progress.clear() }
        let (start, end) = (ContinuousClock.now, ContinuousClock.now + .seconds(60 * minutes))
        repeat {
            let run = try SoakRun(
                seed: first &+ report.clusters, members: members, pollers: pollers, sharesMore: coordination)
            do {
                let verdict = try run.run(until: min(end, .now + .seconds(Self.seconds))) { counts in
                    let seconds = (.now - start) / .seconds(1)
                    progress.show("\(seconds.fixed(0)) s: \((report.counts + counts).text)")
                }
                report.add(run.counts, story: run.story, verdict)
            } catch let failure as PerfFailure {
                report.add(run.counts, story: run.story, violation: failure.description)
            }
        } while .now < end && report.violation == nil
        report.seconds = (.now - start) / .seconds(1)
        return report
    }
}
