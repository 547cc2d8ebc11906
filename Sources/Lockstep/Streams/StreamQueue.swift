import Glibc
import Synchronization

/// Connections of one purpose that have come in from other hosts, for a thread that polls.
final class StreamQueue: ControlListener, Sendable {
    private struct State {
        var waiting: [IncomingStream] = []
        var isOpen = false
    }

    private let state = Mutex(State())
    private let wake: PollWake

    init() throws(RendezvousError) { wake = try PollWake() }

    /// Whether connections are taken; until somebody does, they are ended at once.
    func setOpen(_ isOpen: Bool) {
        state.withLock { state in
            state.isOpen = isOpen
            if !isOpen { state.waiting = [] }
        }
    }

    /// False if nobody takes connections, or too many wait.
    func add(_ stream: IncomingStream) -> Bool {
        state.withLock { state in
            guard state.isOpen, state.waiting.count < ControlLimit.connectionsMax else { return false }
            state.waiting.append(stream)
            wake.wake()
            return true
        }
    }

    var polled: pollfd { pollfd(reading: wake.reader) }

    /// The connections with what they are for.
    func takeAll() -> [IncomingStream] {
        wake.clear()
        return state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    func acceptAll() -> [any ControlSocket] { takeAll().map(\.socket) }

    var restsUntil: Int64? { nil }

    func rested(by now: Int64) {}

    var copies: [Descriptor] { [] }
}

/// A connection that has come in, and what it is for.
struct IncomingStream: Sendable {
    let socket: StreamSocket
    let purpose: StreamPurpose
}
