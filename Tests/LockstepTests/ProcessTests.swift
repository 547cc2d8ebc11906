import Testing

/// Tests with processes of their own: the children of exit tests, who find the cluster by the number of their parent.
///
/// One after the other: an exit test holds a thread of the concurrency pool until its child has ended, and these
/// children end only when the test goes on. Two at once would hold all threads of a small machine.
@Suite("Processes", .serialized, .timeLimit(.minutes(2)))
enum ProcessTests {}
