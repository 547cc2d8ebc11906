import Synchronization

/// What a node has asked of its RDMA device since it was opened: the cost of its traffic, in units that do not depend on how
/// fast the machine is.
package struct VerbsCounts: Sendable, Equatable {
    /// Writes.
    package var requests = 0
    /// Times that the device was told of them.
    package var doorbells = 0
    /// Completions that the device has written.
    package var completions = 0
    /// Writes that wake a sleeping peer.
    package var wakes = 0
    /// Writes that were copied to a slot, being too long for a request to hold them.
    package var staged = 0
}

/// Counts what all threads of a node ask of the device.
final class VerbsCounters: Sendable {
    private let requests = Atomic(0)
    private let doorbells = Atomic(0)
    private let completions = Atomic(0)
    private let wakes = Atomic(0)
    private let staged = Atomic(0)

    var counts: VerbsCounts {
        VerbsCounts(
            requests: requests.load(ordering: .relaxed), doorbells: doorbells.load(ordering: .relaxed),
            completions: completions.load(ordering: .relaxed), wakes: wakes.load(ordering: .relaxed),
            staged: staged.load(ordering: .relaxed)
        )
    }

    func add(requests: Int, doorbells: Int, wakes: Int) {
        self.requests.wrappingAdd(requests, ordering: .relaxed)
        self.doorbells.wrappingAdd(doorbells, ordering: .relaxed)
        if wakes > 0 { self.wakes.wrappingAdd(wakes, ordering: .relaxed) }
    }

    func add(completions: Int) { self.completions.wrappingAdd(completions, ordering: .relaxed) }

    func add(staged: Int) { self.staged.wrappingAdd(staged, ordering: .relaxed) }
}
