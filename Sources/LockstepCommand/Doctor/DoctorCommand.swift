import ArgumentParser

/// Says whether this host can run Lockstep well.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check that this host can run Lockstep well.",
        discussion: """
            Every line is good (ok), could be better (note) or stops Lockstep from working (bad), and then \
            says how to mend it. The exit code is 1 if anything is bad.

            At the end two processes exchange messages over each fabric that this host has: shared memory, TCP through the \
            loopback network, and RDMA where there is a device.
            """
    )

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        Interruption.watch()
        let findings = try Finding.ofHost() + Finding.ofRDMA() + Finding.ofTLS() + Finding.ofFabrics()
        let isWell = !findings.contains { $0.grade == .bad }
        if json {
            let list = JSONText.list(findings.map(\.json))
            Terminal.writeLine(JSONText.object(["well": .flag(isWell), "findings": list]).line)
        } else {
            for finding in findings { Terminal.write(finding.text) }
        }
        if !isWell { throw ExitCode.failure }
    }
}
