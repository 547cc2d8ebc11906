import ArgumentParser
import Glibc
import Lockstep
import LockstepCoordination
import LockstepTesting
import Logging
import UnixSignals

/// One member of a fleet, started by `lockstep perf failover`, `lockstep soak` or `lockstep demo --kill`. SIGUSR1 asks it for its last word, and
/// SIGTERM to leave.
struct FleetWorker: AsyncParsableCommand {
    static let name = "fleet-member"
    static let configuration = CommandConfiguration(
        commandName: name,
        abstract: "Be a member of a fleet. Started by other commands of 'lockstep'.",
        shouldDisplay: false
    )

    @OptionGroup var member: MemberOptions
    @Option var callers: Int
    @Option var state: Int
    @Flag var sharesMore = false

    /// How a member ends that the others have gone on without.
    static let excluded = ProcessStatus.code(EX_TEMPFAIL)
    /// Bytes that one update adds to the state.
    private static let fillStep = 1 << 24

    func run() async throws {
        // From here on they are noted, not deadly.
        let signals = await UnixSignalsSequence(trapping: .sigusr1, .sigterm)
        try await endWell {
            let node = try await member.join(regionBytes: 1 << 30, logLevel: .info)
            try await work(node, signals)
        }
    }

    private func work(_ node: Node, _ signals: UnixSignalsSequence) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await tellViews(node) }
            group.addTask { try await node.run() }
            let ledger = try await node.host("ledger", options: groupOptions) { FleetLedger(actorSystem: $0) }
            try await fill(ledger, node.membership.view)
            let load = try FleetLoad(ledger, callers: callers)
            // On the poller's thread, so that the load needs no other.
            let calls = Task(executorPreference: node.executor(for: "ledger")) { try await load.run() }
            let shares = sharesMore ? FleetShares(try await node.coordination(), of: node) : nil
            let uses = Task { try await shares?.run() }
            let news = Task { try await shares?.listen() }
            Terminal.writeLine(FleetMessage.begins(descriptor: UInt64(load.sheet.descriptor)).line)
            group.addTask {
                for await signal in signals {
                    if signal == .sigterm { return await node.leave() }
                    load.stop()
                    shares?.stop()
                    try await calls.value
                    try await uses.value
                    try await finish(ledger, node)
                    try await shares?.conclude()
                    try await news.value
                    try await tellEnd(ledger)
                }
            }
            group.addTask { try await calls.value }
            group.addTask { try await uses.value }
            group.addTask { try await news.value }
            // The first error ends everything.
            while try await group.next() != nil {}
        }
    }

    private var groupOptions: GroupOptions {
        var options = GroupOptions()
        // Replicas are compared at the end. To hash gigabytes in between would be a pause of its own.
        if state > 0 { options.auditInterval = 0 }
        // The first, if there are several, has the catalogue.
        options.poller = 1
        return options
    }

    /// The first member of the first view makes the state as large as it shall be.
    private func fill(_ ledger: FleetLedger.Handle, _ view: View) async throws {
        guard view.number == 1, view.rank == 0 else { return }
        for start in stride(from: 0, to: state, by: Self.fillStep) {
            try await ledger.fill(min(Self.fillStep, state - start), of: state)
        }
    }

    private func tellViews(_ node: Node) async {
        for await view in node.views {
            let message = FleetView(
                number: view.number, rank: UInt64(view.rank), members: UInt64(view.members.count)
            )
            Terminal.writeLine(FleetMessage.view(message).line)
        }
    }

    /// Waits until nobody calls any more.
    private func finish(_ ledger: FleetLedger.Handle, _ node: Node) async throws {
        try await ledger.finish(member.name)
        var finished: [String] = []
        while !node.membership.view.members.allSatisfy({ finished.contains($0.name) }) {
            try await Task.sleep(for: .milliseconds(5))
            finished = try await ledger.finished()
        }
    }

    /// Says what this member's replica has.
    private func tellEnd(_ ledger: FleetLedger.Handle) async throws {
        let account = try await ledger.account()
        for (caller, entry) in account.callers {
            Terminal.writeLine(FleetMessage.caller(caller, sequence: entry.sequence).line)
        }
        let hash = try await ledger.group.status().stateHash
        let end = FleetEnd(hash: hash, repeated: account.repeated, skipped: account.skipped)
        Terminal.writeLine(FleetMessage.end(end).line)
    }
}
