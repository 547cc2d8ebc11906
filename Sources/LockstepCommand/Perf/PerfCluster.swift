import ArgumentParser
import Glibc
import LockstepTesting

/// The member processes of a measurement: started, followed to their last message, and always ended.
final class PerfCluster {
    private struct Member {
        let name: String
        let process: ChildProcess
        var messages: [PerfMessage] = []
        /// The last lines that are no messages.
        var log: [String] = []

        var isDone: Bool { messages.last.map { !$0.isRound } ?? false }
    }

    private let patience: Duration
    private let credentials: PerfCredentials?
    private var members: [Member] = []
    private var deadline = ContinuousClock.now + PerfLimits.join + PerfLimits.answer

    private static let logMax = 8

    /// Starts members.
    ///
    /// `patience` is how long all of them may be silent.
    init(
        count: Int, command: String, arguments: [String], patience: Duration, fabric: PerfFabric = .sharedMemory
    ) throws {
        self.patience = patience
        let name = "perf-\(getpid())-\(String(UInt16.random(in: 4096...UInt16.max), radix: 16))"
        let shared = ["--cluster", name, "--expecting", "\(count)", "--parent", "\(getpid())"]
        let place = try fabric.seed().map { ["--seed", $0, "--fabric", fabric.rawValue] } ?? []
        let names = Self.names(count: count)
        credentials = fabric == .tls ? try PerfCredentials(name, members: names) : nil
        for member in names {
            let certificate = credentials.map { ["--credentials", "\($0.folder)/\(member)"] } ?? []
            let words = ["perf", command] + shared + place + certificate + ["--name", member] + arguments
            members.append(Member(name: member, process: try ChildProcess("/proc/self/exe", words)))
        }
    }

    deinit { end() }

    /// How the members are called, by their number.
    static func names(count: Int) -> [String] { (0..<count).map { "m\($0)" } }

    /// Goes through a plan with members, and shows how far they are: the messages of each. They may be silent for as long
    /// as some rounds take.
    static func measure(
        _ count: Int, command: String, arguments: [String], plan: MulticastPlan, silentRoundsMax: Int,
        fabric: PerfFabric
    ) throws -> [[PerfMessage]] {
        let round = Duration.nanoseconds(plan.slices(round: 1).sum)
        let cluster = try PerfCluster(
            count: count, command: command, arguments: arguments, patience: round * silentRoundsMax + PerfLimits.answer,
            fabric: fabric
        )
        let progress = ProgressLine()
        defer { progress.clear() }
        return try cluster.follow { reports in
            let roundsDone = reports.map { $0.count { $0.isRound } }.min() ?? 0
            progress.show(plan.progress(roundsDone: roundsDone))
        }
    }

    /// The messages of each member, when all have given their last.
    func follow(_ onNews: ([[PerfMessage]]) -> Void) throws -> [[PerfMessage]] {
        defer { end() }
        while !members.allSatisfy(\.isDone) {
            ChildProcess.wait(for: members.map(\.process), upTo: .milliseconds(100))
            if let signal = Interruption.signal { throw ExitCode(128 + signal) }
            try read()
            onNews(members.map(\.messages))
            if .now > deadline { throw PerfFailure(silence) }
        }
        return members.map(\.messages)
    }

    private func end() { ChildProcess.end(members.map(\.process), grace: PerfLimits.leave) }

    private func read() throws {
        takeLines()
        guard members.contains(where: \.process.isAtEnd) else { return }
        // Again: whoever was killed is why others, whose end was seen in the same look, have given up.
        takeLines()
        // Who has said everything may end, as a leader does that is killed to see who comes next.
        let ended = members.filter { $0.process.isAtEnd && !$0.isDone }
        let killed = ended.first { if case .signal = $0.process.waitForExit() { true } else { false } }
        if let first = killed ?? ended.first { throw PerfFailure(obituary(of: first)) }
    }

    private func takeLines() {
        for index in members.indices {
            for line in members[index].process.newLines() {
                if let message = PerfMessage(line) {
                    members[index].messages.append(message)
                    deadline = .now + patience
                } else {
                    members[index].log = (members[index].log + [line]).suffix(Self.logMax)
                }
            }
        }
    }

    private func obituary(of member: Member) -> String {
        let log = member.log.map { "\n    \(member.name): \($0)" }.joined()
        return "The member \(member.name) (process \(member.process.id)) \(member.process.waitForExit()).\(log)"
    }

    private var silence: String {
        let names = members.filter { !$0.isDone }.map(\.name).joined(separator: ", ")
        return "Nothing came from \(names) for a long time. Is this host busy with something else?"
    }
}

/// What the members of a measurement have said, in one order.
struct PerfFindings {
    let names: [String]
    let messages: [[PerfMessage]]

    init(names: [String], _ messages: [[PerfMessage]]) { (self.names, self.messages) = (names, messages) }

    /// Of members that a parent has started.
    init(_ messages: [[PerfMessage]]) { self.init(names: PerfCluster.names(count: messages.count), messages) }
}

/// Why a measurement has no result.
struct PerfFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
