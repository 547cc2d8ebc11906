import CLockstep
import Lockstep
import LockstepTesting
import ServiceLifecycle

/// Calls the inventory from many tasks for a time, tells how it goes, and waits to be stopped.
struct DemoLoad: Service {
    let node: Node
    let name: String
    let seconds: Int
    let callers: Int
    private let meter = DemoMeter()

    init(node: Node, name: String, seconds: Int, callers: Int) {
        (self.node, self.name, self.seconds, self.callers) = (node, name, seconds, callers)
    }

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await work() }
        } catch  where Task.isShuttingDownGracefully {
            // Whatever was under way was given up on purpose.
        }
        // The copy stays for the others until the parent has everybody's result.
        try? await gracefulShutdown()
    }

    private func work() async throws {
        let inventory = try await node.host("inventory") { Inventory(actorSystem: $0) }
        try await withThrowingTaskGroup { group in
            group.addTask { await followViews() }
            group.addTask { try await reportProgress(of: inventory) }
            try await meter.waitForView()
            // It waits until all members host the group, which is no part of the calls' times.
            _ = try await inventory.finished()
            try await makeCalls(to: inventory)
            try await waitForOthers(at: inventory)
            group.cancelAll()
        }
        try await reportResult(of: inventory)
    }

    private func followViews() async {
        for await view in node.views { meter.enter(view) }
    }

    // MARK: - Calls

    private func makeCalls(to inventory: Inventory.Handle) async throws {
        meter.start()
        let deadline = ContinuousClock.now + .seconds(seconds)
        await withTaskGroup { group in
            for number in 0..<callers {
                group.addTask { await call(inventory, from: number, until: deadline) }
            }
        }
        meter.stop()
        try Task.checkCancellation()
    }

    private func call(
        _ inventory: Inventory.Handle,
        from caller: Int,
        until deadline: ContinuousClock.Instant
    ) async {
        var random = SeededRandom(seed: name.utf8.reduce(UInt64(caller)) { $0 &* 131 &+ UInt64($1) })
        while !Task.isCancelled, .now < deadline {
            let order = DemoOrder.random(using: &random)
            let start = lockstep_monotonic_ns()
            let outcome = await outcome(of: order, at: inventory)
            meter.record(outcome, nanoseconds: UInt64(lockstep_monotonic_ns() - start))
            // What fails may fail at once and for long: then it should not fill the log.
            if outcome == .failed { try? await Task.sleep(for: .milliseconds(100)) }
        }
    }

    private func outcome(of order: DemoOrder, at inventory: Inventory.Handle) async -> DemoMeter.Outcome {
        do {
            try await order.place(at: inventory)
            return .answered
        } catch is OutOfStock {
            return .refused
        } catch {
            if Task.isCancelled { return .givenUp }
            if meter.isFirstFailure { Terminal.writeLine("A call failed: \(error)") }
            return .failed
        }
    }

    // MARK: - The end

    /// After this every member that is left has made its last update, and this copy has executed them all.
    private func waitForOthers(at inventory: Inventory.Handle) async throws {
        try await inventory.finish(name)
        while true {
            let finished = try await inventory.finished()
            if meter.view?.members.allSatisfy({ finished.contains($0.name) }) ?? false { return }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    // MARK: - Reports

    private func reportProgress(of inventory: Inventory.Handle) async throws {
        while !Task.isCancelled {
            // A view may be changing; the parent can wait for the next report.
            if let status = try? await inventory.group.status() {
                let progress = meter.progress(updates: status.updates)
                Terminal.writeLine(DemoMessage.progress(progress).line)
            }
            try? await Task.sleep(for: .milliseconds(150))
        }
    }

    private func reportResult(of inventory: Inventory.Handle) async throws {
        let status = try await inventory.group.status()
        let result = meter.result(updates: status.updates, hash: status.stateHash)
        Terminal.writeLine(DemoMessage.result(result).line)
    }
}
