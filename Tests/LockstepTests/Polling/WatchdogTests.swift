import LockstepTesting
import Synchronization
import Testing

@testable import Lockstep

@Suite("The watch over a poller", .timeLimit(.minutes(1)))
struct WatchdogTests {
    private func isStuck(_ stall: inout StallCount, _ progress: PollerProgress) -> Bool {
        stall.isStuck(progress.snapshot)
    }

    @Test func countsLooksThatFindTheSameStep() {
        let progress = PollerProgress()
        var stall = StallCount()
        progress.begin(shard: 3)
        progress.begin(method: 7)
        let looks = (0...StallCount.looks).map { _ in isStuck(&stall, progress) }
        #expect(looks == Array(repeating: false, count: StallCount.looks) + [true])
        #expect(progress.snapshot.shard == 3 && progress.snapshot.method == 7)
    }

    @Test func isContentWithAnyProgress() {
        let progress = PollerProgress()
        var stall = StallCount()
        for look in 0..<100 {
            if look % StallCount.looks == 0 { progress.step() }
            let stuck = isStuck(&stall, progress)
            #expect(!stuck)
        }
    }

    @Test func letsOneSleep() {
        let progress = PollerProgress()
        var stall = StallCount()
        progress.park()
        for _ in 0..<100 {
            let stuck = isStuck(&stall, progress)
            #expect(!stuck)
        }
        progress.unpark()
        progress.endShard()
        #expect(progress.snapshot.shard == nil)
    }

    @Test("An update that does not end makes its node leave", arguments: [1, 2])
    func stuck(pollers: Int) async throws {
        let log = LogLines()
        let configure: @Sendable (inout NodeConfiguration) -> Void = {
            $0.stuckLimit = .milliseconds(400)
            $0.pollers = .count(pollers)
        }
        try await withCluster(of: 1, logger: log.logger, configure: configure) { nodes in
            let name = "\(#function) \(pollers)"
            let latch = Latch.named(name)
            defer { latch.open() }
            var options = GroupOptions()
            options.poller = pollers - 1
            let slow = try await nodes[0].host("slow", options: options) { Slow(actorSystem: $0) }
            let other = try await nodes[0].host("other") { Slow(actorSystem: $0) }
            #expect(try await slow.append(1) == 1)
            let stuck = try await slow.pipeline.pass(name)
            let behind = try await slow.pipeline.append(2)
            for call in [code(of: stuck), code(of: behind)] { #expect(await call() == .outcomeUnknown) }
            var error: LockstepError?
            // What is sent while the node leaves one group after the other has an unknown outcome.
            repeat {
                error = await #expect(throws: LockstepError.self) { _ = try await other.append(1) }
            } while error?.code == .outcomeUnknown
            #expect(error?.code == .notMember)
            #expect(error?.message.contains("stuck in the method \"pass(_:)\" of the group \"slow\"") == true)
            #expect(await code { _ = try await other.numbers() } == .notMember)
            try await log.wait(for: "its thread is stuck", "pass(_:)")
            // Does not wait for the thread.
            await nodes[0].leave()
        }
    }

    @Test func theOthersHearThatItLeaves() async throws {
        let log = LogLines()
        let configure: @Sendable (inout NodeConfiguration) -> Void = {
            if $0.name == "a" { $0.stuckLimit = .milliseconds(400) }
        }
        try await withCluster(of: 3, logger: log.logger, configure: configure) { nodes in
            let latch = Latch.named(#function)
            defer { latch.open() }
            let slow = try await hostEverywhere("slow", on: nodes) { Slow(actorSystem: $0) }
            Task(executorPreference: nodes[0].executor) { pass(latch) }
            _ = try await nodes[1].view { $0.members.count == 2 }
            _ = try await slow[1].append(1)
            try await log.wait(for: "a task that runs on it")
        }
    }

    @Test func needsALimit() async {
        var configuration = NodeConfiguration(cluster: "x", name: "a", expecting: 1)
        configuration.stuckLimit = .zero
        let wrong = configuration
        #expect(await code { _ = try await Node.join(wrong) } == .invalidConfiguration)
    }
}

private func code<Value: Sendable>(of call: Call<Value>) -> () async -> LockstepError.Code? {
    { await code { _ = try await call.value } }
}

private func pass(_ latch: Latch) { latch.pass() }
