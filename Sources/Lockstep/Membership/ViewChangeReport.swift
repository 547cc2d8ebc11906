import CLockstep
import LockstepProtocol

/// How one view became the next, as one node saw it: who was not heard, and how long each phase took.
///
/// A node keeps its last reports: ``Membership/changes``. `lockstep status` prints them, and each is a line of the log. Times
/// and accusations are this node's own; who is gone and why is the same at all members, as in ``View/Change``.
public struct ViewChangeReport: Sendable, Hashable, Codable {
    /// The number of the view that the change led to.
    public let view: UInt64
    /// When this node first saw a reason for the change, by its own clock.
    public let began: Timestamp
    /// Who did not hear whom.
    public let accusations: [Accusation]
    /// The members that are new, by name.
    public let joined: [String]
    /// Those that asked to leave.
    public let left: [String]
    /// Those whose process has ended.
    public let failed: [String]
    /// Those that were not heard any more.
    public let silent: [String]
    /// Who led the change, as far as this node knows.
    public let leader: String?
    /// The ballot in which that was, as far as this node knows. A high one means that several tried to lead.
    public let ballot: UInt64
    /// What this node saw of the change, in order. A phase may be missing: one that another member went through alone.
    public let steps: [Step]

    /// One member did not hear another.
    public struct Accusation: Sendable, Hashable, Codable {
        /// The name of the member that says so.
        public let accuser: String
        /// The name of the member that it did not hear.
        public let accused: String
        /// How it knows.
        public let reason: Reason
    }

    /// Why a member counts as gone.
    public enum Reason: String, Sendable, Hashable, Codable {
        /// The kernel told that its process has ended.
        case died
        /// It was not heard for ``NodeConfiguration/failureTimeout``.
        case silent
    }

    /// The end of one phase of the change.
    public struct Step: Sendable, Hashable, Codable {
        /// What was reached.
        public let phase: Phase
        /// The time from the beginning of the change until then.
        public let after: Duration
    }

    /// What a change of views goes through.
    public enum Phase: String, Sendable, Hashable, Codable, CaseIterable {
        /// This node has stopped its groups, and told how far they got.
        case wedged
        /// Everybody whom it hears has, and all have promised the same ballot.
        case promised
        /// It has proposed the next view, or accepted a proposal.
        case proposed
        /// The next view is decided.
        case decided
        /// This node has begun the next view.
        case installed
        /// All members have, and updates go on.
        case resumed
    }
}

extension ViewChangeReport: CustomStringConvertible {
    /// For logs: `view 2 without c (died): wedged after 31 µs, …`.
    public var description: String {
        let names = [
            joined.isEmpty ? nil : "with \(joined.joined(separator: ", "))",
            text(left, "left"), text(failed, "died"), text(silent, "silent"),
        ].compactMap { $0 }
        let what = names.isEmpty ? "of the same members" : names.joined(separator: ", ")
        let phases = steps.map { "\($0.phase.rawValue) after \($0.after.nanoseconds / 1000) µs" }
        return "view \(view) \(what): \(phases.joined(separator: ", "))"
    }

    private func text(_ names: [String], _ reason: String) -> String? {
        names.isEmpty ? nil : "without \(names.joined(separator: ", ")) (\(reason))"
    }
}

extension ViewChangeReport {
    /// Nil if the change has not led to a view.
    init?(_ trace: ViewChangeTrace) {
        guard let installation = trace.installation, let first = trace.marks.first else { return nil }
        func name(_ member: MemberRecord) -> String { (try? member.node.name) ?? "?" }
        view = installation.view.number
        began = Timestamp(nanoseconds: lockstep_realtime_ns() - (now() - first.time))
        accusations = trace.accusations.map { accusation in
            Accusation(
                accuser: name(accusation.accuser), accused: name(accusation.accused),
                reason: accusation.isDeath ? .died : .silent)
        }
        joined = installation.joined.map(name)
        left = installation.left.map(name)
        failed = installation.failed.map(name)
        silent = installation.silent.map(name)
        leader = trace.leader.map(name)
        ballot = trace.ballot
        steps = trace.marks.compactMap { mark in
            Phase(mark.phase).map { Step(phase: $0, after: .nanoseconds(mark.time - first.time)) }
        }
    }
}

extension ViewChangeReport.Phase {
    /// The beginning is none: times count from there.
    fileprivate init?(_ phase: ViewChangeTrace.Phase) {
        switch phase {
        case .began: return nil
        case .wedged: self = .wedged
        case .promised: self = .promised
        case .proposed: self = .proposed
        case .decided: self = .decided
        case .installed: self = .installed
        case .formed: self = .resumed
        }
    }
}
