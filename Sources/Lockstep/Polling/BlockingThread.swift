import CLockstep
import Glibc
import Synchronization

/// A thread that blocks, as the threads of Swift's own pool must not.
final class BlockingThread: Sendable {
    private final class Body: Sendable {
        let name: String
        let run: @Sendable () -> Void

        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    private let handle: Mutex<pthread_t?>

    init(name: String, run: @escaping @Sendable () -> Void) throws(ThreadError) {
        precondition(name.utf8.count < 16, "the kernel refuses a thread's name of 16 bytes or more")
        let body = Unmanaged.passRetained(Body(name: name, run: run))
        var thread = pthread_t()
        let error = pthread_create(&thread, nil, Self.main, body.toOpaque())
        guard error == 0 else {
            body.release()
            throw ThreadError(errno: error)
        }
        handle = Mutex(thread)
    }

    /// Runs something that takes long beside everything else; here, if there can be no thread for it.
    static func run(named name: String, _ body: @escaping @Sendable () -> Void) {
        do {
            _ = try BlockingThread(name: name, run: body)
        } catch {
            body()
        }
    }

    private typealias Main = @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?

    private static let main: Main = { argument in
        if let argument {
            let body = Unmanaged<Body>.fromOpaque(argument).takeRetainedValue()
            lockstep_name_thread(body.name)
            body.run()
        }
        return nil
    }

    /// Waits for the thread's end; on the thread itself it only lets go of it.
    func finish() {
        let thread = handle.withLock { handle in
            defer { handle = nil }
            return handle
        }
        guard let thread else { return }
        if pthread_equal(thread, pthread_self()) != 0 {
            pthread_detach(thread)
        } else {
            pthread_join(thread, nil)
        }
    }

    deinit {
        if let thread = handle.withLock({ $0 }) { pthread_detach(thread) }
    }
}

/// The process may start no more threads.
struct ThreadError: Error, CustomStringConvertible {
    let errno: Int32

    var description: String {
        "A thread cannot be started: \(String(cString: strerror(errno))). Raise the limit on threads of this process."
    }
}

/// The calling thread, as a number that no other living thread has.
func currentThread() -> UInt { UInt(pthread_self()) }
