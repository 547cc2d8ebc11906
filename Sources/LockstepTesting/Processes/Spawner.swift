import CLockstep
import Glibc
import Synchronization

/// The thread that starts all child processes.
///
/// A child that asks to die with its parent dies, on Linux, with the *thread* that started it. The threads of
/// the concurrency pool come and go, so children are started by one that stays until the process ends. Being
/// the only one, it also keeps a child from inheriting the pipe of another that is just being started.
final class Spawner: Sendable {
    static let shared = Spawner()

    private struct Request: Sendable {
        let path: String
        let arguments: [String]
    }

    /// A started process and the end of a pipe that reads its output.
    typealias Started = (id: pid_t, output: Int32)

    /// Held by the one caller whose request is in work.
    private let turn = Mutex(())
    private let request = Mutex<Request?>(nil)
    private let answer = Mutex<Result<Started, ProcessError>?>(nil)
    private let asked = Semaphore()
    private let answered = Semaphore()

    private init() {
        let me = Unmanaged.passRetained(self).toOpaque()
        var thread = pthread_t()
        let error = pthread_create(&thread, nil, { Spawner.main($0) }, me)
        precondition(error == 0, "A thread could not be started: \(String(cString: strerror(error)))")
        pthread_detach(thread)
    }

    /// Starts a program whose output goes to a pipe.
    func spawn(_ path: String, _ arguments: [String]) throws(ProcessError) -> Started {
        let result = turn.withLock { _ in
            request.withLock { $0 = Request(path: path, arguments: arguments) }
            asked.ring()
            answered.wait()
            return answer.withLock { $0.take()! }
        }
        return try result.get()
    }

    private static func main(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        lockstep_name_thread("spawner")
        unblockSignals()
        let spawner = Unmanaged<Spawner>.fromOpaque(argument!).takeUnretainedValue()
        while true {
            spawner.asked.wait()
            let request = spawner.request.withLock { $0.take()! }
            let result = Result { () throws(ProcessError) in try start(request) }
            spawner.answer.withLock { $0 = result }
            spawner.answered.ring()
        }
    }

    /// Children inherit the mask, and the threads of the concurrency pool block what would end a program.
    private static func unblockSignals() {
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
    }

    private static func start(_ request: Request) throws(ProcessError) -> Started {
        let (output, input) = try makePipe()
        // Held here it would keep the output from ending with the child.
        defer { close(input) }
        var words = ([request.path] + request.arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var id: pid_t = 0
        let result = lockstep_spawn(request.path, &words, input, &id)
        guard result == 0 else {
            close(output)
            throw ProcessError(doing: "start \(request.path)", result)
        }
        return (id, output)
    }

    /// Makes a pipe that is not inherited and whose reader never waits.
    private static func makePipe() throws(ProcessError) -> (readEnd: Int32, writeEnd: Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw ProcessError(doing: "make a pipe", errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        return (ends[0], ends[1])
    }
}

/// A POSIX semaphore, which needs a fixed address.
private final class Semaphore: @unchecked Sendable {
    // Unchecked: the functions of a semaphore may be called from any thread.
    private let word = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(word, 0, 0) }

    deinit {
        sem_destroy(word)
        word.deallocate()
    }

    func ring() { sem_post(word) }

    func wait() { while sem_wait(word) != 0 {} }
}
