import DequeModule
import LockstepFabric
import Synchronization

/// A thread that moves the bytes of its shards and runs their replicas: an update is a synchronous call on the
/// thread that received it.
///
/// It is the executor of the replicas it hosts, so that their isolation is that thread. Between turns it runs a
/// bounded number of jobs. With nothing to do it sleeps, and then costs nothing.
final class Poller: SerialExecutor, TaskExecutor {
    /// Jobs of actors and tasks that run between two turns.
    static let jobsPerTurnMax = 256

    private let inbox = Mutex(Inbox())
    private let waker: FabricWaker
    /// The thread that runs jobs now: the poller's, or after the end whoever enqueues one.
    private let thread = Atomic<UInt>(0)

    private struct Inbox {
        var work = Work()
        var hasEnded = false
        var isDraining = false
    }

    /// What other threads have left for the poller.
    struct Work {
        var commands: [@Sendable (PollerLoop) -> Void] = []
        var calls: [OutgoingCall] = []
        var jobs: Deque<UnownedJob> = []

        var isEmpty: Bool { commands.isEmpty && calls.isEmpty && jobs.isEmpty }
    }

    init(waker: FabricWaker) { self.waker = waker }

    // MARK: - From any thread

    /// Runs something on the poller's thread; false if it has ended.
    @discardableResult
    func run(_ command: @escaping @Sendable (PollerLoop) -> Void) -> Bool {
        leave { $0.commands.append(command) }
    }

    /// Sends a call; false if the poller has ended.
    func submit(_ call: OutgoingCall) -> Bool {
        leave { $0.calls.append(call) }
    }

    private func leave(_ add: (inout Work) -> Void) -> Bool {
        let isTaken = inbox.withLock { inbox in
            guard !inbox.hasEnded else { return false }
            add(&inbox.work)
            return true
        }
        if isTaken && !isOnThread { waker.wake() }
        return isTaken
    }

    // MARK: - The poller's thread

    /// Starts the thread. It ends when ``PollerLoop/stop()`` is called on it.
    func start(on fabric: sending any Fabric, view: View) throws(LockstepError) {
        let start = Mutex<(any Fabric)?>(fabric)
        do {
            _ = try BlockingThread(name: "lockstep-poller") {
                guard let fabric = start.withLock({ $0.take() }) else { return }
                self.thread.store(currentThread(), ordering: .relaxed)
                let loop = PollerLoop(poller: self, fabric: fabric, view: view)
                loop.run()
                self.end(loop)
            }
        } catch {
            throw LockstepError(.unsupportedHost, error.description, cause: error)
        }
    }

    /// Everything that was left since the last call, with at most ``jobsPerTurnMax`` jobs.
    func takeWork() -> Work {
        inbox.withLock { inbox in
            var work = Work()
            guard !inbox.work.isEmpty else { return work }
            swap(&work, &inbox.work)
            guard work.jobs.count > Poller.jobsPerTurnMax else { return work }
            swap(&work.jobs, &inbox.work.jobs)
            work.jobs = Deque(inbox.work.jobs.prefix(Poller.jobsPerTurnMax))
            inbox.work.jobs.removeFirst(Poller.jobsPerTurnMax)
            return work
        }
    }

    /// From now on jobs run on whatever thread enqueues them, one at a time: nothing waits for ever.
    private func end(_ loop: PollerLoop) {
        let left = inbox.withLock { inbox in
            inbox.hasEnded = true
            inbox.isDraining = true
            defer { inbox.work = Work() }
            return inbox.work
        }
        // Whoever left it was told that it is taken, and may wait for it.
        loop.perform(left)
        drain()
        thread.store(0, ordering: .relaxed)
    }

    // MARK: - Executor

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let mustDrain = inbox.withLock { inbox in
            inbox.work.jobs.append(job)
            guard inbox.hasEnded, !inbox.isDraining else { return false }
            inbox.isDraining = true
            return true
        }
        if mustDrain {
            drain()
        } else if !isOnThread {
            waker.wake()
        }
    }

    private func drain() {
        let before = thread.exchange(currentThread(), ordering: .relaxed)
        defer { thread.store(before, ordering: .relaxed) }
        while let job = nextAfterTheEnd() { job.runSynchronously(on: asUnownedSerialExecutor()) }
    }

    private func nextAfterTheEnd() -> UnownedJob? {
        inbox.withLock { inbox in
            let job = inbox.work.jobs.popFirst()
            if job == nil { inbox.isDraining = false }
            return job
        }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    func asUnownedTaskExecutor() -> UnownedTaskExecutor { UnownedTaskExecutor(ordinary: self) }

    func isIsolatingCurrentContext() -> Bool? { isOnThread }

    func checkIsolated() {
        precondition(isOnThread, "a replica's state may be touched only by its calls, on its poller")
    }

    private var isOnThread: Bool { thread.load(ordering: .relaxed) == currentThread() }
}
