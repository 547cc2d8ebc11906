import LockstepTesting
import Testing

@testable import Lockstep

#if DEBUG
    @Replicated
    distributed actor Meddler {
        private var value = 0
        private var log: [Int] = []
        @Local private var asked = 0

        distributed func set(_ value: Int) { self.value = value }

        @Query
        distributed func honest() -> Int {
            asked += 1
            return value
        }

        @Query
        distributed func meddling(_ more: Int) throws -> Int {
            if more > 0 { log.append(more) }
            if more > 9 { throw TooMuch() }
            return log.count
        }
    }

    struct TooMuch: Error {}

    @Suite("A query that changes state, in a debug build", .timeLimit(.minutes(1)))
    struct QueryCheckTests {
        @Test func isRefusedAndNamed() async throws {
            let log = LogLines()
            try await withCluster(of: 2, logger: log.logger) { nodes in
                let meddlers = try await hostEverywhere("meddler", on: nodes) { Meddler(actorSystem: $0) }
                for more in [1, 10] {
                    let error = await #expect(throws: LockstepError.self) {
                        _ = try await meddlers[0].meddling(more)
                    }
                    #expect(error?.code == .queryChangedState)
                    #expect(error?.message.contains("\"meddling(_:)\" of the group \"meddler\"") == true)
                }
                #expect(log.lines.filter { $0.contains("meddling(_:)") }.count == 2)
                // The other replica was not asked.
                #expect(try await meddlers[1].meddling(0) == 0)
            }
        }

        @Test func isNoneThatChangesWhatIsLocal() async throws {
            try await withCluster(of: 1) { nodes in
                let meddler = try await nodes[0].host("meddler") { Meddler(actorSystem: $0) }
                try await meddler.set(7)
                for _ in 0..<3 { #expect(try await meddler.honest() == 7) }
            }
        }

        @Test func isLookedForLessOftenWhereItIsAskedOften() {
            var check = QueryCheck()
            let due = (0..<128).filter { _ in check.isDue(1) }
            #expect(due == Array(0..<64) + [64, 80, 96, 112])
            let isDueElsewhere = check.isDue(2)
            #expect(isDueElsewhere)
        }
    }
#endif
