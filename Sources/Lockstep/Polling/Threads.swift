import CLockstep
import Glibc

/// The calling thread, as a number that no other living thread has.
func currentThread() -> UInt { UInt(pthread_self()) }

/// Starts a thread that nobody joins. `name` has up to 15 bytes.
func startThread(named name: String, _ body: @escaping @Sendable () -> Void) {
    final class Body {
        let run: @Sendable () -> Void
        let name: String
        init(_ name: String, _ run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }
    let context = Unmanaged.passRetained(Body(name, body)).toOpaque()
    var thread = pthread_t()
    let result = pthread_create(
        &thread, nil,
        { context in
            guard let context else { return nil }
            let body = Unmanaged<Body>.fromOpaque(context).takeRetainedValue()
            lockstep_name_thread(body.name)
            body.run()
            return nil
        }, context)
    precondition(result == 0, "the process must be able to start a thread; raise its limit on threads")
    pthread_detach(thread)
}

/// The monotonic clock, in nanoseconds.
func now() -> Int64 { lockstep_monotonic_ns() }

extension Duration {
    /// Whole nanoseconds, at most as many as fit.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max / 2 : whole + attoseconds / 1_000_000_000
    }

    /// The time on the monotonic clock at which a wait of this length that begins now ends.
    var deadline: Int64 {
        let (sum, overflow) = now().addingReportingOverflow(nanoseconds)
        return overflow ? .max - 1 : sum
    }
}
