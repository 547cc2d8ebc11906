import Distributed
import Lockstep

/// What members that were started by hand tell each other: what each of them measures, and what it has found.
@Replicated
distributed actor PerfGathering {
    private var plans: [String: String] = [:]
    private var reports: [String: [String]] = [:]

    /// Says what a member is to measure.
    distributed func plan(_ plan: String, of member: String) { plans[member] = plan }

    /// Says what a member has found, as the lines that it would write to a parent.
    distributed func report(_ lines: [String], of member: String) { reports[member] = lines }

    /// What each member is to measure, as far as they have said it.
    @Query
    distributed func allPlans() -> [String: String] { plans }

    /// What each member has found.
    @Query
    distributed func allReports() -> [String: [String]] { reports }
}

extension PerfGathering {
    /// The members of a measurement who have agreed on what it is.
    struct Members: Sendable {
        fileprivate let handle: PerfGathering.Handle
        /// Their names, by rank.
        let members: [String]
        fileprivate let own: String

        /// Tells the others what this member has found, and waits for what they have.
        func exchange(_ messages: [PerfMessage]) async throws -> PerfFindings {
            try await handle.report(messages.map(\.line), of: own)
            let count = members.count
            let reports = try await handle.group.wait(timeout: PerfLimits.answer) { replica in
                let reports = replica.allReports()
                return reports.count == count ? reports : nil
            }
            return PerfFindings(
                names: members, members.map { name in (reports[name] ?? []).compactMap { PerfMessage($0) } })
        }
    }

    /// Waits until all members have said what they measure.
    ///
    /// - Throws: A ``PerfDisagreement`` if that is not the same.
    static func agree(on plan: String, of node: Node, members count: Int) async throws -> Members {
        let view = node.membership.view
        let names = view.members.map(\.name)
        let own = names[view.rank]
        guard names.count == count else {
            throw PerfDisagreement("The members of this cluster have begun without \(own): choose another --cluster.")
        }
        let handle = try await node.host("perf-gathering") { PerfGathering(actorSystem: $0) }
        try await handle.plan(plan, of: own)
        let plans = try await handle.group.wait(timeout: PerfLimits.answer) { replica in
            let plans = replica.allPlans()
            return plans.count == count ? plans : nil
        }
        if let other = names.first(where: { plans[$0] != plan }) {
            throw PerfDisagreement(
                """
                \(other) measures with "\(plans[other] ?? "")", and \(own) with "\(plan)". Start all members with the \
                same options.
                """
            )
        }
        return Members(handle: handle, members: names, own: own)
    }
}

/// Why members that were started by hand do not measure together.
struct PerfDisagreement: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
