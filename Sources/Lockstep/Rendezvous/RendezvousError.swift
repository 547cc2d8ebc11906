import Glibc

/// Why a node could not join its cluster.
package enum RendezvousError: Error {
    /// A living process has joined under the same name.
    case nameTaken(detail: String)
    /// The processes run versions of Lockstep that do not understand each other.
    case versionMismatch(ours: Int, theirs: Int)
    /// The nodes do not agree on how many they should be.
    case expectedMismatch(detail: String)
    /// The cluster's address belongs to a process of another user.
    case otherUser(detail: String)
    /// The cluster has another key.
    case otherKey(detail: String)
    /// A seed and this node cannot trust each other.
    case untrusted(detail: String)
    /// Not everybody came before the deadline; and what somebody has to mend, if that is known.
    case timedOut(present: [String], expected: Int, flaw: String? = nil)
    /// A system call failed.
    case system(call: String, errno: Int32)
    /// The memory of the other members could not be mapped.
    case mappingFailed(any Error)
    /// The request cannot be served as it is.
    case rejected(String)
}

extension RendezvousError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .nameTaken(let detail), .expectedMismatch(let detail), .otherUser(let detail),
            .otherKey(let detail), .untrusted(let detail), .rejected(let detail):
            detail
        case .versionMismatch(let ours, let theirs):
            "This process speaks version \(ours) of the rendezvous and the cluster speaks version \(theirs): "
                + "run the same version of Lockstep on all nodes."
        case .timedOut(let present, let expected, let flaw):
            (present.count < expected
                ? "Only \(present.count) of \(expected) nodes were here at the deadline (\(listed(present))): "
                    + "start the missing ones, expect fewer, or allow more time."
                : "These nodes were here at the deadline, but the first view was not complete: \(listed(present)). "
                    + "Allow more time if all had to connect with all the others on a busy host. If there are seeds, more "
                    + "than half of them must be among these, so that no second cluster can begin: start the missing ones.")
                + (flaw.map { " \($0)" } ?? "")
        case .system(let call, let errno):
            "\(call) failed: \(String(cString: strerror(errno))) (errno \(errno)): "
                + "check the limits on open files, threads and memory of this process."
        case .mappingFailed(let error):
            "The memory of the other members could not be mapped: \(error)"
        }
    }
}

extension RendezvousError {
    /// What either end is told of keys that differ. `process` is the other one.
    static func otherKey(in cluster: String, than process: Int32) -> String {
        "This process and process \(process) have different keys for cluster \"\(cluster)\": give all its nodes the same "
            + "key, or this one another cluster name."
    }
}

/// The names in one sentence.
func listed(_ names: [String]) -> String {
    names.isEmpty ? "nobody" : names.joined(separator: ", ")
}
