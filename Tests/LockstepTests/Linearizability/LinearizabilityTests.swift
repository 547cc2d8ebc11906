import LockstepTesting
import Testing

/// A register that is read, written, and set if it has a value.
private struct RegisterModel: SequentialModel {
    enum Input: Hashable {
        case read(String)
        case write(String, Int)
        case swap(String, from: Int, to: Int)

        var key: String {
            switch self {
            case .read(let key), .write(let key, _), .swap(let key, _, _): key
            }
        }
    }

    let initial = 0

    /// A read returns the value, a write 0, and a swap 1 if it was done.
    func step(_ state: Int, _ input: Input, _ output: Int?) -> Int? {
        switch input {
        case .read: output == nil || output == state ? state : nil
        case .write(_, let value): value
        case .swap(_, let from, let to):
            if let output, (output == 1) != (state == from) { nil } else { state == from ? to : state }
        }
    }
}

@Suite("The linearizability checker")
struct LinearizabilityTests {
    private typealias Operations = [Operation<RegisterModel.Input, Int>]

    private func isLinearizable(_ operations: Operations) -> Bool {
        do {
            try checkLinearizability(of: operations, against: RegisterModel(), partitionedBy: \.key)
            return true
        } catch {
            return false
        }
    }

    @Test func allowsWhatOverlapsInAnyOrder() {
        let write = Operation(RegisterModel.Input.write("x", 1), 0, at: 1...10)
        #expect(isLinearizable([write, Operation(.read("x"), 0, at: 2...3), Operation(.read("x"), 1, at: 4...5)]))
        #expect(!isLinearizable([write, Operation(.read("x"), 1, at: 2...3), Operation(.read("x"), 0, at: 4...5)]))
    }

    @Test func findsAStaleRead() {
        let write = Operation(RegisterModel.Input.write("x", 1), 0, at: 1...2)
        #expect(isLinearizable([write, Operation(.read("x"), 0, at: 2...4)]))
        #expect(!isLinearizable([write, Operation(.read("x"), 0, at: 3...4)]))
        #expect(!isLinearizable([write, Operation(.read("x"), 7, at: 3...4)]))
    }

    @Test func findsTwoWhoBothSwapped() {
        let first = Operation(RegisterModel.Input.swap("x", from: 0, to: 1), 1, at: 1...4)
        #expect(isLinearizable([first, Operation(.swap("x", from: 0, to: 2), 0, at: 2...3)]))
        #expect(!isLinearizable([first, Operation(.swap("x", from: 0, to: 2), 1, at: 2...3)]))
        // One behind the other is well.
        #expect(isLinearizable([first, Operation(.swap("x", from: 1, to: 2), 1, at: 2...3)]))
    }

    @Test func letsTheUnknownHappenOnceLateOrNever() {
        let write = Operation<RegisterModel.Input, Int>(.write("x", 1), nil, at: 1...1)
        func reads(_ values: [Int]) -> Operations {
            values.enumerated().map { number, value in
                let start = UInt64(2 * number + 2)
                return Operation(.read("x"), value, at: start...start + 1)
            }
        }
        #expect(isLinearizable([write] + reads([0, 0])))
        #expect(isLinearizable([write] + reads([0, 1, 1])))
        #expect(!isLinearizable([write] + reads([0, 1, 0])))
    }

    @Test func looksAtEachPartAlone() throws {
        let operations: Operations = [
            Operation(.write("x", 1), 0, at: 1...2), Operation(.read("y"), 0, at: 3...4),
            Operation(.read("x"), 0, at: 5...6),
        ]
        let error = #expect(throws: LinearizabilityError.self) {
            try checkLinearizability(of: operations, against: RegisterModel(), partitionedBy: \.key)
        }
        #expect(error?.description.contains("\"x\"") == true)
        #expect(error?.description.contains("at most 1 fit") == true)
        #expect(isLinearizable(Array(operations.prefix(2))))
    }

    /// Without memory of what led nowhere this would take as many steps as there are orders.
    @Test func isQuickWithManyAtOnce() {
        let writes = (1...16).map { Operation(RegisterModel.Input.write("x", $0 % 2), 0, at: 1...100) }
        #expect(!isLinearizable(writes + [Operation(.read("x"), 5, at: 50...60)]))
        #expect(isLinearizable(writes + [Operation(.read("x"), 1, at: 50...60)]))
    }

    /// One by one, any of them might have been done, or not.
    @Test func isQuickWithManyUnknown() throws {
        let additions = (1...64 as ClosedRange<UInt64>).map { Operation<Int, Int>(1, nil, at: $0...$0) }
        try checkLinearizability(of: additions + [Operation(0, 40, at: 65...66)], against: CounterModel())
        #expect(throws: LinearizabilityError.self) {
            try checkLinearizability(of: additions + [Operation(0, 65, at: 65...66)], against: CounterModel())
        }
        // Of the first 20 alone no more than 20 can have been done.
        #expect(throws: LinearizabilityError.self) {
            try checkLinearizability(of: additions + [Operation(0, 21, at: 20...20)], against: CounterModel())
        }
        typealias Use = Operation<LockModel.Input, UInt64>
        let releases = (1...64).map { Use(.release($0), nil, at: 1...1) }
        let turns = [Use(.acquire(1), 1, at: 2...3), Use(.acquire(65), 2, at: 4...5)]
        try checkLinearizability(of: releases + turns, against: LockModel())
        #expect(throws: LinearizabilityError.self) {
            try checkLinearizability(of: releases + turns + [Use(.acquire(1), 3, at: 6...7)], against: LockModel())
        }
    }

    @Test func recordsWhatThrowsAsUnknown() async throws {
        struct Failure: Error {}
        let history = History<RegisterModel>()
        _ = try? await history.record(.write("x", 1)) { throw Failure() }
        try await history.record(.read("x")) { 1 }
        history.expect(.write("x", 2))
        try await history.record(.read("x")) { 2 }
        #expect(history.operations.map(\.output) == [nil, 1, nil, 2])
        try checkLinearizability(of: history.operations, against: RegisterModel())
    }
}
