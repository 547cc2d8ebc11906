import CLockstep
import Lockstep
import Synchronization

/// Counts the calls of one member and times them.
final class DemoMeter: Sendable {
    /// What became of a call.
    enum Outcome {
        case answered
        /// The actor threw: there was too little to ship.
        case refused
        case failed
        /// The demonstration was stopped while it ran.
        case givenUp
    }

    private struct Figures: Sendable {
        var histogram = LatencyHistogram()
        var refused: UInt64 = 0
        var failures: UInt64 = 0
        var view: View?
        var start: UInt64?
        var stop: UInt64?
    }

    private let figures = Mutex(Figures())

    // MARK: - Recording

    func enter(_ view: View) { figures.withLock { $0.view = view } }

    func start() { figures.withLock { $0.start = Self.now } }

    func stop() { figures.withLock { $0.stop = Self.now } }

    func record(_ outcome: Outcome, nanoseconds: UInt64) {
        figures.withLock { figures in
            switch outcome {
            case .answered: figures.histogram.record(nanoseconds)
            case .refused:
                figures.histogram.record(nanoseconds)
                figures.refused += 1
            case .failed: figures.failures += 1
            case .givenUp: break
            }
        }
    }

    // MARK: - Reading

    /// The view that this member is in, once it is known.
    var view: View? { figures.withLock { $0.view } }

    /// True until a failed call is recorded.
    var isFirstFailure: Bool { figures.withLock { $0.failures == 0 } }

    /// Waits until a view is known.
    func waitForView() async throws {
        while view == nil { try await Task.sleep(for: .milliseconds(1)) }
    }

    func progress(updates: UInt64) -> DemoProgress {
        figures.withLock { figures in
            DemoProgress(
                nanoseconds: Self.elapsed(figures),
                calls: figures.histogram.count,
                updates: updates,
                view: figures.view?.number ?? 0,
                members: UInt64(figures.view?.members.count ?? 0)
            )
        }
    }

    func result(updates: UInt64, hash: UInt64) -> DemoResult {
        figures.withLock { figures in
            let histogram = figures.histogram
            return DemoResult(
                view: figures.view?.number ?? 0,
                rank: UInt64(figures.view?.rank ?? 0),
                members: UInt64(figures.view?.members.count ?? 0),
                updates: updates,
                hash: hash,
                calls: histogram.count,
                rate: UInt64(Double(histogram.count) * 1e9 / Double(max(1, Self.elapsed(figures)))),
                p50: histogram.percentile(0.5),
                p99: histogram.percentile(0.99),
                max: histogram.max,
                refused: figures.refused,
                failures: figures.failures
            )
        }
    }

    private static var now: UInt64 { UInt64(lockstep_monotonic_ns()) }

    /// From the first call to the last, or to now.
    private static func elapsed(_ figures: Figures) -> UInt64 {
        figures.start.map { (figures.stop ?? now) - $0 } ?? 0
    }
}
