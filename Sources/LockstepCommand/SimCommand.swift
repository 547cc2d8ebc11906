import ArgumentParser
import LockstepProtocol
import LockstepTesting

/// `lockstep sim`: runs the protocol in the deterministic simulator.
struct SimCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sim",
        abstract: "Check the protocol in a deterministic simulator.",
        discussion: """
            Every seed stands for one scenario: nodes, groups, messages, and what goes wrong. Checkers watch \
            every delivery; in the end everything must be delivered everywhere, and all nodes must rest.

            Without --faults the members stay the same, and links and processors are slow. With it, whole \
            clusters change their views; when the faults have ended, whoever is alive must come together.
            With --coordination their replicas are those of locks, barriers, elections and values, and members
            and clients use them; what these are told must be what the primitives promise.

            Exit status: 0 if all seeds pass, 1 if one fails. With --break it is the other way round: 0 if \
            the checkers notice that the rule is gone, 1 if they do not.
            """
    )

    @Option(help: "How many seeds to run.")
    var seeds: UInt64 = 1_000

    @Option(help: "The first seed.")
    var first: UInt64 = 1

    @Option(help: ArgumentHelp("Run this one seed and print what happens, step by step.", valueName: "seed"))
    var replay: UInt64?

    @Option(
        name: .customLong("break"),
        help: ArgumentHelp(
            """
            Take this rule out of the protocol: \(Rules.names.joined(separator: ", ")). With --coordination, make this \
            wrong: \(CoordinationFlaw.names.joined(separator: ", ")).
            """, valueName: "rule"
        )
    )
    var brokenRule: String?

    @Flag(help: "Simulate what is coordinated in such clusters, with all faults unless --faults says which.")
    var coordination = false

    @Option(
        help: ArgumentHelp(
            """
            Simulate changes of views, with these faults: all, none, or some of \
            \(ClusterFaults.named.map(\.name).joined(separator: ",")). Rules of the membership imply all.
            """, valueName: "list"
        )
    )
    var faults: String?

    @Flag(help: "Print the result as one line of JSON.")
    var json = false

    func validate() throws {
        guard seeds > 0, first.addingReportingOverflow(seeds).overflow == false else {
            throw ValidationError("--seeds must be at least 1, and the last seed below 2^64.")
        }
        guard json == false || replay == nil else {
            throw ValidationError("--replay prints text. Leave out --json.")
        }
        _ = try subject()
    }

    func run() async throws {
        let subject = try subject()
        let isBroken = if let replay { replayOne(replay, subject) } else { await runAll(subject) }
        guard isBroken == (brokenRule != nil) else { throw ExitCode(1) }
    }

    /// What is simulated.
    private enum Subject {
        case multicast(Rules)
        case membership(Rules, ClusterFaults)
        case coordination(CoordinationFlaw?, ClusterFaults)
    }

    private func subject() throws -> Subject {
        guard !coordination else { return .coordination(try flaw(), try clusterFaults() ?? .all) }
        let rules = try rules()
        let isOfMembership = !Rules.membership.isSubset(of: rules)
        guard let faults = try clusterFaults() ?? (isOfMembership ? .all : nil) else { return .multicast(rules) }
        return .membership(rules, faults)
    }

    private func flaw() throws -> CoordinationFlaw? {
        guard let brokenRule else { return nil }
        guard let flaw = CoordinationFlaw(rawValue: brokenRule) else {
            let names = CoordinationFlaw.names.joined(separator: ", ")
            throw ValidationError("Nothing of coordination can be broken as '\(brokenRule)', only: \(names).")
        }
        return flaw
    }

    private func rules() throws -> Rules {
        guard let brokenRule else { return .all }
        guard let rules = Rules.without(brokenRule) else {
            let names = Rules.names.joined(separator: ", ")
            throw ValidationError("There is no rule '\(brokenRule)'. The rules are: \(names).")
        }
        return rules
    }

    /// Nil if nobody has said which.
    private func clusterFaults() throws -> ClusterFaults? {
        guard let faults else { return nil }
        if faults == "all" { return .all }
        if faults == "none" { return [] }
        return try faults.split(separator: ",").reduce(into: ClusterFaults()) { set, name in
            guard let named = ClusterFaults.named.first(where: { $0.name == name }) else {
                let names = ClusterFaults.named.map(\.name).joined(separator: ", ")
                throw ValidationError("There is no fault '\(name)'. The faults are: \(names).")
            }
            set.insert(named.fault)
        }
    }

    // MARK: - Runs; true if a promise was broken

    private func replayOne(_ seed: UInt64, _ subject: Subject) -> Bool {
        let (trace, violation): ([String], Violation?)
        switch subject {
        case .multicast(let rules):
            let result = Simulation(seed: seed, rules: rules, isTraced: true).run()
            (trace, violation) = (result.trace, result.violation)
        case .membership(let rules, let faults):
            let result = ClusterSimulation(seed: seed, faults: faults, rules: rules, isTraced: true).run()
            (trace, violation) = (result.trace, result.violation)
        case .coordination(let flaw, let faults):
            let result = CoordinationSimulation(seed: seed, faults: faults, flaw: flaw, isTraced: true).run()
            (trace, violation) = (result.trace, result.violation)
        }
        for line in trace { print(line) }
        return violation != nil
    }

    private func runAll(_ subject: Subject) async -> Bool {
        let progress = ProgressLine()
        let range = first..<first + seeds
        let campaign =
            switch subject {
            case .multicast(let rules): SimulationCampaign(seeds: range, rules: rules)
            case .membership(let rules, let faults): SimulationCampaign(seeds: range, faults: faults, rules: rules)
            case .coordination(let flaw, let faults):
                SimulationCampaign(seeds: range, coordinationWith: faults, flaw: flaw)
            }
        let summary = await campaign.run { progress.show("\($0) of \(seeds) seeds") }
        progress.clear()
        print(json ? jsonLine(summary) : text(summary))
        return summary.failure != nil
    }

    // MARK: - What is printed

    private func text(_ summary: SimulationCampaign.Summary) -> String {
        guard let failure = summary.failure else {
            let missed = brokenRule.map { ", and no checker noticed that the rule '\($0)' is gone" } ?? ""
            return "\(summary.runCount) seeds pass, with \(summary.deliveryCount) deliveries\(missed)."
        }
        let noticed = brokenRule.map { " The checkers noticed that the rule '\($0)' is gone." } ?? ""
        return """
            Seed \(failure.seed) fails.\(noticed)
            \(failure.violation)
            To see it again: \(replayCommand(failure.seed))
            """
    }

    private func jsonLine(_ summary: SimulationCampaign.Summary) -> String {
        let failure = summary.failure.map { failure in
            JSONText.object([
                "seed": .integer(failure.seed), "property": .text(failure.violation.property.rawValue),
                "sentence": .text(failure.violation.sentence), "replay": .text(replayCommand(failure.seed)),
            ])
        }
        return JSONText.object([
            "first": .integer(first), "seeds": .integer(seeds), "run": .integer(UInt64(summary.runCount)),
            "broken": brokenRule.map { .text($0) } ?? .null, "deliveries": .integer(UInt64(summary.deliveryCount)),
            "events": .integer(UInt64(summary.eventCount)), "failure": failure ?? .null,
        ]).line
    }

    private func replayCommand(_ seed: UInt64) -> String {
        "lockstep sim --replay \(seed)" + (coordination ? " --coordination" : "")
            + (faults.map { " --faults \($0)" } ?? "")
            + (brokenRule.map { " --break \($0)" } ?? "")
    }
}
