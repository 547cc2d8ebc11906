import LockstepTesting
import Logging
import Synchronization
import Testing

@testable import Lockstep

/// Differs between replicas on purpose: the macro cannot see what the functions do that it calls.
private let ticket = Mutex(0)

private func nextTicket() -> Int {
    ticket.withLock { ticket in
        ticket += 1
        return ticket
    }
}

@Replicated
distributed actor Drifter {
    private var steady = 0
    private var loose = 0

    distributed func step() -> Int {
        steady += 1
        return steady
    }

    distributed func slip() { loose = nextTicket() }

    distributed func sleep(milliseconds: Int) { waste(milliseconds) }
}

private func waste(_ milliseconds: Int) {
    let end = ContinuousClock.now + .milliseconds(milliseconds)
    while ContinuousClock.now < end {}
}

@Suite("An audit of the replicas", .timeLimit(.minutes(1)))
struct AuditTests {
    private func options(_ interval: Int) -> GroupOptions {
        var options = GroupOptions()
        options.auditInterval = interval
        return options
    }

    private func withDrifters(
        auditInterval: Int, logger: Logger = Logger(label: "quiet", factory: { _ in SwiftLogNoOpLogHandler() }),
        _ body: ([Drifter.Handle]) async throws -> Void
    ) async throws {
        try await withCluster(of: 3, logger: logger) { nodes in
            let options = options(auditInterval)
            try await body(
                try await hostEverywhere("drifter", on: nodes, options: options) { Drifter(actorSystem: $0) })
        }
    }

    @Test func findsNothingAsLongAsTheyAreEqual() async throws {
        try await withDrifters(auditInterval: 1) { drifters in
            for call in 0..<50 { _ = try await drifters[call % 3].step() }
            for drifter in drifters {
                // The others may still be at it.
                while try await drifter.group.status().updates < 50 { await Task.yield() }
                #expect(try await drifter.group.status().divergence == nil)
            }
        }
    }

    @Test func namesTheMemberTheUpdatesAndTheProperty() async throws {
        let log = LogLines()
        try await withDrifters(auditInterval: 1, logger: log.logger) { drifters in
            for _ in 0..<5 { _ = try await drifters[0].step() }
            try await drifters[1].slip()
            var found: Divergence?
            while found == nil {
                _ = try await drifters[2].step()
                found = try await drifters[0].group.status().divergence
            }
            let divergence = try #require(found)
            #expect(["b", "c"].contains(divergence.member))
            #expect(divergence.properties == ["loose"])
            // Hashing at every update would take too much of the time, so some are left out.
            #expect(divergence.versions.contains(6))
            #expect(divergence.description.contains("differs in \"loose\" since one of the updates"))
            try await log.wait(for: "the replicas of a group differ")
        }
    }

    @Test func mayBeTurnedOff() async throws {
        try await withDrifters(auditInterval: 0) { drifters in
            try await drifters[0].slip()
            for _ in 0..<20 { _ = try await drifters[0].step() }
            #expect(try await drifters[0].group.status().divergence == nil)
        }
    }

    @Test(arguments: [-1, 1 << 30 + 1, .max])
    func isOnlyOfAnIntervalThatMakesSense(interval: Int) async throws {
        try await withCluster(of: 1) { nodes in
            let error = await #expect(throws: LockstepError.self) {
                try await nodes[0].host("drifter", options: options(interval)) { Drifter(actorSystem: $0) }
            }
            #expect(error?.code == .invalidConfiguration)
        }
    }

    @Test func anUpdateThatTakesLongIsInTheLog() async throws {
        let log = LogLines()
        try await withDrifters(auditInterval: 0, logger: log.logger) { drifters in
            try await drifters[0].sleep(milliseconds: 40)
            try await log.wait(for: "sleep(milliseconds:)", "drifter")
        }
    }

    /// One wrong replica among three: the other two agree, also at the version where it shows.
    @Test func tellsTheMemberThatDiffersFromOneThatDoesNot() {
        var audit = StateAudit(interval: 1)
        let mine = report(&audit, a: 1, b: 1)
        var other = StateAudit(interval: 1)
        let wrong = report(&other, a: 1, b: 2)
        let found = [audit.compare(mine, of: "x"), audit.compare(wrong, of: "y")]
        #expect(found == [false, true])
        #expect(audit.divergence == Divergence(member: "y", versions: 1...1, properties: ["b"]))
        let again = audit.compare(wrong, of: "z")
        #expect(!again, "one is enough")
    }

    @Test func passesOverPropertiesThatOnlyOneReleaseHas() {
        var audit = StateAudit(interval: 1)
        _ = report(&audit, a: 1, b: 1)
        var hasher = StateHasher(keepingFields: true)
        hasher.combine(1, named: "a")
        var other = StateAudit(interval: 1)
        let older = other.note(hasher, version: 1, began: 0, ended: 1)
        let found = audit.compare(older, of: "old")
        #expect(!found && audit.divergence == nil)
    }

    private func report(_ audit: inout StateAudit, a: Int, b: Int) -> StateAudit.Report {
        var hasher = StateHasher(keepingFields: true)
        hasher.combine(a, named: "a")
        hasher.combine(b, named: "b")
        return audit.note(hasher, version: 1, began: 0, ended: 1)
    }

    @Test func aReportThatIsCutIsNone() {
        var hasher = StateHasher(keepingFields: true)
        hasher.combine(1, named: "a")
        var audit = StateAudit(interval: 1)
        let report = audit.note(hasher, version: 7, began: 0, ended: 1)
        let message = report.message
        message.withUnsafeBytes { #expect(StateAudit.Report($0) == report) }
        for count in 0..<message.count where count != 32 {
            Array(message.prefix(count)).withUnsafeBytes { bytes in
                #expect(StateAudit.Report(bytes) == nil, "\(count) bytes")
            }
        }
    }
}
