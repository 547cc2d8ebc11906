import ArgumentParser
import Glibc
import LockstepTesting

/// A demonstration: starts the members, follows them to their results, and always ends them.
final class DemoRun {
    private let count: Int
    private let seconds: Int
    private let callers: Int
    private let display: any DemoDisplay
    private let cluster = "demo-\(getpid())-\(String(UInt16.random(in: 4096...UInt16.max), radix: 16))"
    private var members: [DemoWatch] = []
    private var reported: Set<String> = []
    private var view: UInt64 = 0
    private var deadline = ContinuousClock.now + DemoLimits.join + DemoLimits.answer

    init(members count: Int, seconds: Int, callers: Int, display: any DemoDisplay) {
        (self.count, self.seconds, self.callers, self.display) = (count, seconds, callers, display)
    }

    /// Shows everything from the first line to the verdict, which is the exit code.
    func run() throws {
        let word = count.spelled.capitalizedFirst
        let finding = count == 1 ? "process starts" : "processes find each other"
        Terminal.writeLine("\(word) \(finding) by the name \(cluster).")
        defer { ChildProcess.end(members.map(\.process), grace: DemoLimits.leave) }
        try start()
        follow()
        display.finish(members)
        ChildProcess.end(members.map(\.process), grace: DemoLimits.leave)
        try throwIfInterrupted()
        try conclude()
    }

    private func start() throws {
        let arguments = [
            "demo-member", "--cluster", cluster, "--expecting", "\(count)", "--seconds", "\(seconds)",
            "--callers", "\(callers)", "--parent", "\(getpid())",
        ]
        for number in 0..<count {
            let name = DemoWatch.name(number)
            let member = try DemoWatch(name: name, executable: "/proc/self/exe", arguments: arguments)
            members.append(member)
        }
        let list = members.map { "\($0.name) \($0.process.id)" }
        display.note("Processes: \(list.joined(separator: ", ")).")
    }

    // MARK: - While they run

    private func follow() {
        var haveBegun = false
        while !isOver, Interruption.signal == nil, .now < deadline {
            ChildProcess.wait(for: members.map(\.process), upTo: .milliseconds(50))
            for index in members.indices { members[index].update() }
            if !haveBegun, members.allSatisfy(\.hasBegun) {
                haveBegun = true
                deadline = .now + .seconds(seconds) + DemoLimits.answer
            }
            noteEvents()
            display.show(members)
        }
    }

    private var isOver: Bool {
        let someoneFailedToBegin = members.contains { !$0.hasBegun && $0.earlyEnd != nil }
        return someoneFailedToBegin || members.allSatisfy(\.isOver)
    }

    private func noteEvents() {
        for member in members {
            guard let obituary = member.obituary, reported.insert(member.name).inserted else { continue }
            display.note(obituary)
        }
        guard let latest = members.compactMap(\.progress).max(by: { $0.view < $1.view }), latest.view > view
        else { return }
        view = latest.view
        let members = latest.members == 1 ? "one member" : "\(latest.members.spelled) members"
        display.note("View \(view) has \(members).")
    }

    // MARK: - The end

    private func throwIfInterrupted() throws {
        guard let signal = Interruption.signal else { return }
        Terminal.writeLine("\nStopped. All members have been ended.")
        throw ExitCode(128 + signal)
    }

    private func conclude() throws {
        let results = members.compactMap { member in member.result.map { (member.name, $0) } }
        if !results.isEmpty { Terminal.write("\n" + DemoTable.text(results) + "\n") }
        let verdict = DemoVerdict(members)
        for sentence in verdict.sentences { Terminal.writeLine(sentence) }
        if !verdict.isGood { throw ExitCode.failure }
    }
}
