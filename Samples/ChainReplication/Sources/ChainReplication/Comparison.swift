import Lockstep
import LockstepCoordination
import LockstepTesting

/// The same writes and reads by a chain and by the ordered multicast, measured.
enum Comparison {
    private static let members = ["a", "b", "c"]
    private static let single = 500
    private static let clients = 16
    private static let writes = 100

    // MARK: - In a member

    /// Lets one client write and read alone, and then many at once, with each store in turn.
    static func measure(as name: String, on node: Node) async throws {
        let chain = try await ChainMember.join(on: node)
        let barrier = try await node.coordination().barrier("measuring", parties: members.count)
        let stores: [any Store] = [chain, try await RegistersMember(on: node)]
        for store in stores {
            try await warmUp(store)
            _ = try await barrier.wait()
            // Neither the head nor the tail.
            if name == "b" {
                report(store, "write", try await times { try await store.write($0, to: "x") })
                report(store, "read", try await times { _ in _ = try await store.read("x") })
            }
            _ = try await barrier.wait()
            let calls = chain.calls
            let time = try await ContinuousClock().measure { try await writeMany(store) }
            _ = try await barrier.wait()
            print("\(store.name) many \(time / .nanoseconds(1)) \(chain.calls - calls)")
        }
    }

    private static func warmUp(_ store: any Store) async throws {
        for value in 0..<20 { try await store.write(value, to: "x") }
        _ = try await store.read("x")
    }

    private static func times(_ body: (Int) async throws -> Void) async throws -> [Duration] {
        var times: [Duration] = []
        for number in 0..<single { times.append(try await ContinuousClock().measure { try await body(number) }) }
        return times.sorted()
    }

    private static func report(_ store: any Store, _ what: String, _ times: [Duration]) {
        let places = [times[times.count / 2], times[times.count * 99 / 100]]
        print("\(store.name) \(what) \(places.map { "\($0 / .nanoseconds(1))" }.joined(separator: " "))")
    }

    private static func writeMany(_ store: any Store) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for client in 0..<clients {
                group.addTask { for value in 0..<writes { try await store.write(value, to: "key \(client)") } }
            }
        }
    }

    // MARK: - In the parent

    /// Starts the members, and prints what they say side by side.
    static func run() async throws {
        var lines: [[Substring]] = []
        for member in try members.map({ try ChildProcess.member("measure", $0, of: members.count) }) {
            let (status, output) = try await member.finish(within: .seconds(300))
            guard status.isSuccess else { throw SampleError("A member ended with \(status): \(output)") }
            lines += output.map { $0.split(separator: " ") }
        }
        func numbers(_ store: String, _ what: String) -> [[Double]] {
            lines.filter { $0.first == store[...] && $0.dropFirst().first == what[...] }
                .map { $0.dropFirst(2).compactMap { Double($0) } }
        }
        let updates = Double(members.count * clients * writes)
        print("\(members.count) members                          chain      multicast")
        for (what, row) in [("write", "write, alone"), ("read", "read, alone")] {
            for (place, part) in [(0, "median"), (1, "99 %")] {
                let values = ["chain", "multicast"].map { numbers($0, what)[0][place] / 1000 }
                print(line("\(row), \(part), µs", values))
            }
        }
        let longest = ["chain", "multicast"].map { numbers($0, "many").map { $0[0] }.max() ?? 1 }
        print(line("writes a second, \(members.count * clients) at once", longest.map { updates / $0 * 1e9 }))
        // A call and its answer are two messages; the multicast sends no answers.
        let calls = numbers("chain", "many").map { $0[1] }.reduce(0, +)
        print(line("messages for a write then", [2 * calls / updates, 1], digits: 1))
    }

    private static func line(_ what: String, _ values: [Double], digits: Int = 0) -> String {
        func padded(_ text: String, to width: Int) -> String {
            String(repeating: " ", count: max(1, width - text.count)) + text
        }
        let texts = values.map { value in
            let scaled = digits == 0 ? value.rounded() : (value * 10).rounded() / 10
            return digits == 0 ? "\(Int(scaled))" : "\(scaled)"
        }
        let head = what + String(repeating: " ", count: max(0, 31 - what.count))
        return head + padded(texts[0], to: 12) + padded(texts[1], to: 14)
    }
}
