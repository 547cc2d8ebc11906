import CLockstep
import DequeModule
import LockstepFabric
import Synchronization

/// A thread that moves the bytes of its shards and runs their replicas: an update is a synchronous call on the
/// thread that received it.
///
/// It is the executor of the replicas it hosts, so that their isolation is that thread. Between turns it runs a
/// bounded number of jobs. With nothing to do it spins for a moment if it owns its core (``Spinner``), and then
/// sleeps and costs nothing.
final class Poller: SerialExecutor {
    /// Jobs of actors and tasks that run between two turns.
    static let jobsPerTurnMax = 256

    /// Its place among those of its node.
    let index: Int
    let home: PollerHome
    /// What it is at.
    let progress = PollerProgress()
    let lease: Lease
    private let inbox = Mutex(Inbox())
    private let waker: FabricWaker
    /// The thread that runs jobs now: the poller's, or after the end whoever enqueues one.
    private let thread = Atomic<UInt>(0)
    /// Only the poller's thread looks at it.
    private nonisolated(unsafe) var loop: PollerLoop?

    /// True if the inbox may hold something: looked at without a lock in every turn.
    private let hasWork = Atomic<Bool>(false)

    private struct Inbox {
        var work = Work()
        var hasEnded = false
        var isDraining = false
    }

    /// A piece of an actor's work or of a task's.
    struct Job {
        let job: UnownedJob
        /// The executor if it only prefers this thread; nil if it is isolated to it.
        let preference: UnownedTaskExecutor?
    }

    /// What other threads have left for the poller.
    struct Work {
        var commands: [@Sendable (PollerLoop) -> Void] = []
        /// Shards that have something to send.
        var shards: [Int] = []
        var jobs: Deque<Job> = []
    }

    init(index: Int = 0, home: PollerHome = PollerHome(), waker: FabricWaker, lease: Lease = Lease()) {
        (self.index, self.home, self.waker, self.lease) = (index, home, waker, lease)
    }

    // MARK: - From any thread

    /// Runs something on the poller's thread; false if it has ended.
    @discardableResult
    func run(_ command: @escaping @Sendable (PollerLoop) -> Void) -> Bool {
        leave { $0.commands.append(command) }
    }

    /// A shard has something to send.
    func mark(_ shard: Int) {
        if let loop = loopHere {
            loop.mark(shard)
        } else {
            leave { $0.shards.append(shard) }
        }
    }

    /// Turns a shard at once for a task that is about to wait for it, if it runs on the poller's thread; it may do so
    /// without success.
    func help(_ shard: Int, with reply: PendingReply) { loopHere?.help(shard, with: reply) }

    /// Sends a message of a task that is about to wait for it in a turn of its own, if it runs on the poller's thread;
    /// false if not, or if that cannot be done now.
    func send(_ message: RingSpace, awaiting reply: PendingReply, in shard: Int) -> Bool {
        loopHere?.send(message, awaiting: reply, in: shard) ?? false
    }

    /// The loop, if this is its thread.
    private var loopHere: PollerLoop? { isOnThread ? loop : nil }

    @discardableResult
    private func leave(_ add: (inout Work) -> Void) -> Bool {
        let isTaken = inbox.withLock { inbox in
            guard !inbox.hasEnded else { return false }
            add(&inbox.work)
            hasWork.store(true, ordering: .relaxed)
            return true
        }
        if isTaken && !isOnThread { waker.wake() }
        return isTaken
    }

    // MARK: - The poller's thread

    /// Starts the thread. It ends when ``PollerLoop/stop()`` is called on it.
    func start(
        on fabric: sending any Fabric, _ makeLoop: @escaping @Sendable (Poller, any Fabric) -> PollerLoop
    ) throws(LockstepError) {
        let start = Mutex<(any Fabric)?>(fabric)
        do {
            _ = try BlockingThread(name: "lockstep-poller") {
                guard let fabric = start.withLock({ $0.take() }) else { return }
                _ = lockstep_slice(TimeSlice.ofMovers)
                // What replicas allocate is near as well then: the kernel takes memory from where it is written first.
                self.home.numaNode.flatMap { CoreSet(ofNUMANode: $0) }?.keepThisThread()
                self.thread.store(currentThread(), ordering: .relaxed)
                let loop = makeLoop(self, fabric)
                self.loop = loop
                loop.run()
                self.loop = nil
                self.end(loop)
            }
        } catch {
            throw LockstepError(.unsupportedHost, error.description, cause: error)
        }
    }

    /// True if there may be something to take.
    var isWorkLeft: Bool { hasWork.load(ordering: .relaxed) }

    /// Exchanges empty lists for what was left since the last call. Jobs are taken when those taken before have run.
    func takeWork(_ work: inout Work) {
        inbox.withLock { inbox in
            swap(&work.commands, &inbox.work.commands)
            swap(&work.shards, &inbox.work.shards)
            if work.jobs.isEmpty { swap(&work.jobs, &inbox.work.jobs) }
            hasWork.store(!inbox.work.jobs.isEmpty, ordering: .relaxed)
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
        loop.finish(left)
        drain()
        thread.store(0, ordering: .relaxed)
    }

    // MARK: - Executor

    func enqueue(_ job: consuming ExecutorJob) {
        enqueue(Job(job: UnownedJob(job), preference: nil))
    }

    fileprivate func enqueue(_ job: Job) {
        let mustDrain = inbox.withLock { inbox in
            inbox.work.jobs.append(job)
            hasWork.store(true, ordering: .relaxed)
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
        while let job = nextAfterTheEnd() { run(job) }
    }

    /// Runs something as if on the poller's thread, which was never started.
    func occupy<Value>(_ body: () throws -> Value) rethrows -> Value {
        let before = thread.exchange(currentThread(), ordering: .relaxed)
        defer { thread.store(before, ordering: .relaxed) }
        return try body()
    }

    /// Runs a piece of work, on the poller's thread.
    func run(_ job: Job) {
        if let executor = job.preference {
            job.job.runSynchronously(on: executor)
        } else {
            job.job.runSynchronously(on: asUnownedSerialExecutor())
        }
    }

    private func nextAfterTheEnd() -> Job? {
        inbox.withLock { inbox in
            let job = inbox.work.jobs.popFirst()
            if job == nil { inbox.isDraining = false }
            return job
        }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    func isIsolatingCurrentContext() -> Bool? { isOnThread }

    func checkIsolated() {
        precondition(isOnThread, "a replica's state may be touched only by its calls, on its poller")
    }

    /// True on the poller's thread.
    var isOnThread: Bool { thread.load(ordering: .relaxed) == currentThread() }
}

/// The poller's thread as tasks prefer it. It is an executor of its own, because a task that runs as if it were
/// isolated to the poller would go through the queue again at each call of a function that is not.
final class PollerTasks: TaskExecutor {
    private let poller: Poller

    init(_ poller: Poller) { self.poller = poller }

    func enqueue(_ job: consuming ExecutorJob) {
        poller.enqueue(Poller.Job(job: UnownedJob(job), preference: asUnownedTaskExecutor()))
    }

    func asUnownedTaskExecutor() -> UnownedTaskExecutor { UnownedTaskExecutor(ordinary: self) }
}
