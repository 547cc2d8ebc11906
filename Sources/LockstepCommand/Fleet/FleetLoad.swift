import Glibc
import Lockstep
import Synchronization

/// The callers of one member: each awaits the result of its update before it makes the next.
final class FleetLoad: Sendable {
    let sheet: FleetSheet
    private let ledger: FleetLedger.Handle
    private let callers: Int
    private let isOver = Atomic<Bool>(false)

    init(_ ledger: FleetLedger.Handle, callers: Int) throws {
        self.ledger = ledger
        self.callers = callers
        sheet = try FleetSheet()
    }

    /// The number of a caller, in the whole fleet.
    static func id(of caller: Int, in process: pid_t) -> UInt64 { UInt64(process) << 8 | UInt64(caller) }

    /// Calls until ``stop()``, or until this member is out.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<callers { group.addTask { try await self.call(caller) } }
            try await group.waitForAll()
        }
    }

    /// Lets the callers end with what they have begun.
    func stop() { isOver.store(true, ordering: .relaxed) }

    private func call(_ caller: Int) async throws {
        let id = Self.id(of: caller, in: getpid())
        var (sequence, attempt): (UInt64, UInt64) = (1, 1)
        while !isOver.load(ordering: .relaxed) {
            do {
                try await ledger.note(sequence, attempt: attempt, of: id)
                sheet.note(sequence, by: caller)
                (sequence, attempt) = (sequence + 1, 1)
            } catch let error as LockstepError {
                switch error.code {
                case .outcomeUnknown: attempt += 1
                case .excluded, .notMember: return
                default: throw error
                }
            }
        }
    }
}
