import DequeModule
import LockstepFabric
import LockstepProtocol
import Synchronization

/// A thread of one replica's own, and the executor of its actor: updates may take long there, and the poller goes on
/// meanwhile. With nothing to do it sleeps.
final class Lane: SerialExecutor {
    /// What a message takes of the backlog besides its bytes.
    private static let messageOverhead = 64

    private let backlogMax: Int
    private let whenRoom: @Sendable () -> Void
    private let sleeper = Sleeper()
    private let state = Mutex(State())
    /// The thread that runs work now: the lane's, or after its end whoever leaves some.
    private let thread = Atomic<UInt>(0)
    /// Only that thread looks at it.
    private nonisolated(unsafe) var replica: (any LaneRunner)?

    private struct State {
        var work: Deque<Work> = []
        /// The bytes of the messages that wait.
        var backlog = 0
        /// True if the poller is to be told when there is room again.
        var isFull = false
        var isAsleep = false
        /// True if the thread is to end.
        var hasEnded = false
        /// True as long as a thread runs what is added.
        var hasRunner = false
    }

    /// A message that was copied out of its sender's ring.
    struct Message {
        let kept: KeptMessage
        /// Who waits for it on this node.
        let waiting: InFlight?

        fileprivate var size: Int { kept.payload.count + Lane.messageOverhead }
    }

    private enum Work {
        case message(Message)
        case command(@Sendable () -> Void)
        case job(UnownedJob)
    }

    /// Calls `whenRoom` after ``room()`` has found none.
    init(backlogMax: Int, whenRoom: @escaping @Sendable () -> Void) {
        self.backlogMax = backlogMax
        self.whenRoom = whenRoom
    }

    // MARK: - From other threads

    /// Starts the thread, which runs until ``end()``.
    func start() throws(LockstepError) {
        state.withLock { $0.hasRunner = true }
        do {
            _ = try BlockingThread(name: "lockstep-lane") { self.run() }
        } catch {
            state.withLock { $0.hasRunner = false }
            throw LockstepError(.unsupportedHost, error.description, cause: error)
        }
    }

    /// Makes the replica on the lane's thread, which it never leaves.
    func host(_ make: @escaping @Sendable () -> any LaneRunner) {
        add(.command { self.replica = make() })
    }

    /// The bytes that the backlog has room for; nil if it is full.
    func room() -> Int? {
        state.withLock { state in
            state.isFull = state.backlog >= backlogMax
            return state.isFull ? nil : backlogMax - state.backlog
        }
    }

    /// Adds a message; returns what it takes of the room.
    @discardableResult
    func put(_ message: Message) -> Int {
        add(.message(message))
        return message.size
    }

    /// Runs something between two updates; it is given nil if the replica is gone.
    func inspect(_ body: @escaping @Sendable ((any ReplicaState)?) -> Void) { command { body($0) } }

    /// The same for what changes more than a look.
    func command(_ body: @escaping @Sendable ((any LaneRunner)?) -> Void) {
        add(.command { body(self.replica) })
    }

    /// Drops the messages that wait, and ends the thread when the update that runs is over.
    func end() {
        state.withLock { state in
            state.hasEnded = true
            state.work.removeAll { if case .message = $0 { true } else { false } }
        }
        add(.command { self.replica = nil })
    }

    private func add(_ work: Work) {
        let (mustWake, mustRun) = state.withLock { state in
            if case .message(let message) = work {
                guard !state.hasEnded else { return (false, false) }
                state.backlog += message.size
            }
            state.work.append(work)
            defer { (state.isAsleep, state.hasRunner) = (false, true) }
            return (state.isAsleep, !state.hasRunner)
        }
        if mustWake { sleeper.wake() }
        if mustRun { drain() }
    }

    // MARK: - On the lane's thread

    private func run() {
        thread.store(currentThread(), ordering: .relaxed)
        while true {
            let wakes = sleeper.wakes
            let due = replica?.driveEffects() ?? nil
            switch next() {
            case .perform(let work): perform(work)
            case .sleep: sleeper.sleep(since: wakes, until: due)
            case .end: return
            }
        }
    }

    /// Runs what comes after the end, on the thread of whoever adds it: nothing waits for ever.
    private func drain() {
        thread.store(currentThread(), ordering: .relaxed)
        while case .perform(let work) = next() { perform(work) }
    }

    private enum Step {
        case perform(Work)
        case sleep
        case end
    }

    private func next() -> Step {
        let (step, hasRoom) = state.withLock { state -> (Step, Bool) in
            guard let work = state.work.popFirst() else {
                state.isAsleep = !state.hasEnded
                state.hasRunner = !state.hasEnded
                if state.hasEnded { thread.store(0, ordering: .relaxed) }
                return (state.hasEnded ? .end : .sleep, false)
            }
            if case .message(let message) = work { state.backlog -= message.size }
            // Not at every message: the poller has something better to do.
            let hasRoom = state.isFull && state.backlog <= backlogMax / 2
            if hasRoom { state.isFull = false }
            return (.perform(work), hasRoom)
        }
        if hasRoom { whenRoom() }
        return step
    }

    private func perform(_ work: Work) {
        switch work {
        case .message(let message):
            message.kept.withMessage { replica?.run($0, message.waiting) }
        case .command(let body):
            body()
        case .job(let job):
            job.runSynchronously(on: asUnownedSerialExecutor())
        }
    }

    // MARK: - Executor

    func enqueue(_ job: consuming ExecutorJob) { add(.job(UnownedJob(job))) }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    func isIsolatingCurrentContext() -> Bool? { isOnThread }

    func checkIsolated() {
        precondition(isOnThread, "a replica's state may be touched only by its calls, in its lane")
    }

    private var isOnThread: Bool { thread.load(ordering: .relaxed) == currentThread() }
}
