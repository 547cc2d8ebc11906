import CLockstep

/// What a node needs to find the others of its cluster on this host.
package struct RendezvousRequest: Sendable {
    /// 1 to 64 bytes of `[A-Za-z0-9._-]`.
    package var cluster: String
    package var name: String
    /// How many nodes the first view has.
    package var expected: Int
    /// A random number, new for each start of the process.
    package var incarnation: UInt64
    /// The caller's, who keeps it open until `join` has returned.
    package var regionDescriptor: Int32
    package var regionSize: Int
    /// On the clock of `lockstep_monotonic_ns`.
    package var deadline: Int64
    /// How long a connection to the registrar here may say nothing; tests shorten it.
    var silenceNanoseconds = RendezvousLimit.silenceNanoseconds

    package init(
        cluster: String, name: String, expected: Int, incarnation: UInt64, regionDescriptor: Int32,
        regionSize: Int, deadline: Int64
    ) {
        self.cluster = cluster
        self.name = name
        self.expected = expected
        self.incarnation = incarnation
        self.regionDescriptor = regionDescriptor
        self.regionSize = regionSize
        self.deadline = deadline
    }

    /// Throws what the registrar would find wrong with it, before anything is opened.
    fileprivate func check() throws(RendezvousError) {
        guard (1...RendezvousLimit.membersMax).contains(expected) else {
            throw .rejected(
                "A cluster has 1 to \(RendezvousLimit.membersMax) nodes, not \(expected): expect fewer.")
        }
        guard (1...RendezvousLimit.nameBytesMax).contains(name.utf8.count) else {
            throw .rejected("A node's name has 1 to \(RendezvousLimit.nameBytesMax) bytes: choose another.")
        }
        guard regionSize > 0, regionDescriptor >= 0 else {
            throw .rejected("A node brings a region of its own: give its descriptor and size.")
        }
    }
}

/// What the client calls while it waits, on its own thread.
struct RendezvousCalls: Sendable {
    typealias Map = @Sendable (_ rank: Int, _ members: [RendezvousMember], _ regions: [Int32]) throws -> Void

    let map: Map
    let abandon: @Sendable () -> Void
    let waiting: @Sendable ([String]) -> Void
}

/// A node's place in the first view of its cluster, and the line on which it hears who is gone.
///
/// The nodes of one host find each other at an abstract address that the cluster's name gives. Whoever finds it
/// free listens there, as the registrar, for all of them. The registrar is needed to form the view; later it
/// only tells who went. When its process ends, the others hear of that one, and of nobody after it: from then
/// on, as always, membership itself finds out who is silent.
package final class Rendezvous: Sendable {
    package let rank: Int
    package let members: [RendezvousMember]
    private let control: RendezvousControl

    private init(view: RendezvousView, control: RendezvousControl) {
        rank = view.rank
        members = view.members
        self.control = control
    }

    deinit {
        control.leave()
    }

    /// Waits until all expected nodes are here and every one has mapped the memory of the others.
    ///
    /// - Parameters:
    ///   - map: Called for each proposal; the descriptors, in rank order, are closed when it returns. If it
    ///     throws, nothing may be left mapped, and the error ends the join.
    ///   - abandon: Called if a proposal that was mapped is withdrawn.
    ///   - waiting: Called with the names of who is here, when they change.
    /// - Throws: `RendezvousError`, or `CancellationError` if the task is cancelled. Nothing is left open.
    package static func join(
        _ request: RendezvousRequest,
        map: @escaping @Sendable (_ rank: Int, [RendezvousMember], [Int32]) throws -> Void,
        abandon: @escaping @Sendable () -> Void,
        waiting: @escaping @Sendable ([String]) -> Void
    ) async throws -> Rendezvous {
        try request.check()
        let calls = RendezvousCalls(map: map, abandon: abandon, waiting: waiting)
        let control = try RendezvousControl()
        do {
            let view = try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { control.start(request, calls, resuming: $0) }
            } onCancel: {
                control.cancel()
            }
            return Rendezvous(view: view, control: control)
        } catch {
            control.finish()
            throw error
        }
    }

    /// Calls back, on a thread of its own, once for each other member that is gone or already went, until
    /// `leave`. Until then `gone` is kept, with all that it holds.
    package func watch(_ gone: @escaping @Sendable (_ rank: Int, _ reason: GoneReason) -> Void) {
        control.watch(gone)
    }

    /// Says goodbye, ends the threads and closes everything. It waits for a running `watch` callback, unless it
    /// is called from it; then all of that happens when the callback returns.
    package func leave() {
        control.leave()
    }
}
