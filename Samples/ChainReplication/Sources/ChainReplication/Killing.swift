import Glibc
import Lockstep
import LockstepTesting
import Synchronization

/// Clients write and read while members of the chain are killed, and what they saw is checked.
enum Killing {
    private static let members = ["a", "b", "c", "d", "e"]
    private static let keys = 4
    private static let clientsOfEach = 2
    /// Between two deaths.
    private static let operations = 400

    // MARK: - In a member

    /// Lets clients write and read until somebody ends this process, and prints what they do: when, before they do it,
    /// and what came of it.
    static func work(as name: String, on node: Node, readsAnywhere: Bool) async throws {
        let chain = try await ChainMember.join(on: node, readsAnywhere: readsAnywhere)
        await withDiscardingTaskGroup { group in
            for client in 0..<clientsOfEach { group.addTask { await work(as: "\(name)\(client)", with: chain) } }
        }
    }

    private static func work(as client: String, with chain: ChainMember) async {
        // Each value is written once in all.
        let own = (Int(client.utf8.first ?? 0) - 96) * 100 + (Int(client.dropFirst()) ?? 0)
        var number = 0
        while true {
            number += 1
            let (key, value) = (Int.random(in: 0..<keys), own * 1_000_000 + number)
            let isWrite = Bool.random()
            say("\(client) \(number) begins \(now()) \(key) \(isWrite ? value : 0)")
            do {
                if isWrite { try await chain.write(value, to: "\(key)") }
                let read = isWrite ? value : try await chain.read("\(key)")
                say("\(client) \(number) ends \(now()) \(read)")
            } catch {
                // Nobody knows what came of it. The chain has changed, or is about to.
                try? await Task.sleep(for: .milliseconds(1))
            }
        }
    }

    /// Prints a line at once: this process may be killed at any moment.
    private static func say(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        _ = Glibc.write(STDOUT_FILENO, bytes, bytes.count)
    }

    /// Of a clock that all processes share.
    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    // MARK: - In the parent

    /// Kills the head, then the tail, while another member comes behind it, then that one, and then one in the middle.
    static func run(readsAnywhere: Bool) async throws {
        let way = readsAnywhere ? "work-anywhere" : "work"
        var processes: [String: ChildProcess] = [:]
        for name in members { processes[name] = try .member(way, name, of: members.count) }
        var record = Record()
        for (victim, role) in [("a", "head"), ("e", "tail"), ("f", "new tail"), ("c", "middle")] {
            try await record.wait(for: operations, by: processes)
            if victim == "e" {
                let late = try ChildProcess.member(way, "f", of: members.count)
                processes["f"] = late
                // It is about to take the data of the one that dies.
                try await record.waitForWord(of: late)
            }
            processes[victim]?.kill()
            _ = processes[victim]?.waitForExit()
            record.take(processes[victim]?.newLines() ?? [])
            processes[victim] = nil
            print("killed \(victim), the \(role), after \(record.ended) operations")
        }
        try await record.wait(for: operations, by: processes)
        for process in processes.values { process.kill() }
        for process in processes.values {
            process.waitForExit()
            record.take(process.newLines())
        }
        try checkLinearizability(of: record.history, against: RegisterModel()) { $0.key }
        let unknown = record.history.count - record.ended
        print("\(record.history.count) operations, of which \(unknown) have an unknown outcome, are linearizable")
    }

    /// What the clients have said.
    private struct Record {
        private var begun: [String: (input: RegisterModel.Input, time: UInt64)] = [:]
        private var done: [Operation<RegisterModel.Input, Int>] = []

        var ended: Int { done.count }

        /// Without an end, it may have taken effect at any time, or not.
        var history: [Operation<RegisterModel.Input, Int>] {
            done + begun.values.map { Operation($0.input, nil, at: $0.time...$0.time) }
        }

        mutating func take(_ lines: [String]) {
            for words in lines.map({ $0.split(separator: " ") }) {
                guard words.count >= 5, let time = UInt64(words[3]), let number = Int(words[4]) else {
                    print(words.joined(separator: " "))
                    continue
                }
                let id = "\(words[0]) \(words[1])"
                if words[2] == "begins", words.count == 6, let value = Int(words[5]) {
                    begun[id] = (RegisterModel.Input(key: number, written: value == 0 ? nil : value), time)
                } else if let (input, start) = begun.removeValue(forKey: id) {
                    done.append(Operation(input, number, at: start...time))
                }
            }
        }

        /// Waits until the first operation of a member has begun.
        mutating func waitForWord(of process: ChildProcess) async throws {
            var lines: [String] = []
            while lines.isEmpty {
                if let status = process.status { throw SampleError("A late member ended with \(status).") }
                try await Task.sleep(for: .milliseconds(1))
                lines = process.newLines()
            }
            take(lines)
        }

        /// Waits until so many more operations have ended.
        mutating func wait(for count: Int, by processes: [String: ChildProcess]) async throws {
            let (target, limit) = (ended + count, ContinuousClock.now + .seconds(120))
            while ended < target {
                for (name, process) in processes {
                    take(process.newLines())
                    if let status = process.status { throw SampleError("Member \(name) ended with \(status).") }
                }
                guard ContinuousClock.now < limit else { throw SampleError("The chain does not go on.") }
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }
}

/// One register for each key.
private struct RegisterModel: SequentialModel {
    struct Input: Hashable {
        let key: Int
        /// Nil if it is read.
        let written: Int?
    }

    let initial = 0

    func step(_ state: Int, _ input: Input, _ output: Int?) -> Int? {
        if let written = input.written { return written }
        return output == nil || output == state ? state : nil
    }
}
