import CLockstep
import Glibc

/// The host-wide claim on a core: one thread at a time holds it, in whatever process.
///
/// It keeps away only those who ask for claims. Everybody else's threads still run on the core, and the kernel counts
/// how often they take it. It is given back when this ends, and by the kernel when the process does.
struct CoreClaim: ~Copyable {
    let core: Int
    private let descriptor: Int32

    /// Nil if somebody else holds the core, or if the process may open no more sockets.
    init?(core: Int) {
        let result = lockstep_core_claim(Int32(core))
        guard result >= 0 else { return nil }
        self.core = core
        descriptor = result
    }

    deinit {
        close(descriptor)
    }
}
