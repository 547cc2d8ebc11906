import CLockstep
import Glibc
import Synchronization

/// One that makes a call after the other, and tells each before it makes it: so what a member does right before it is
/// killed is known too.
final class FleetClient: Sendable {
    private let id: UInt64
    private let calls = Atomic<UInt64>(0)

    /// One of a member, which no other of its clients has the number of.
    init(id: UInt64) { self.id = id }

    /// A number that nobody else in the whole fleet draws.
    func unique() -> UInt64 { UInt64(getpid()) << 40 | id << 32 | calls.add(1, ordering: .relaxed).newValue }

    /// Tells that a call is made; returns its number.
    func begin(_ call: FleetCall) -> UInt64 {
        let number = id << 32 | calls.add(1, ordering: .relaxed).newValue
        Terminal.writeLine(FleetMessage.call(number, call, time: UInt64(lockstep_monotonic_ns())).line)
        return number
    }

    /// Tells what a call was answered. What is to be heard is told one after the other.
    func end(_ number: UInt64, _ answer: FleetAnswer = FleetAnswer()) {
        Terminal.writeLine(FleetMessage.answer(number, answer, time: UInt64(lockstep_monotonic_ns())).line)
    }

    /// Makes a call. If it throws, nobody knows whether it took effect.
    @discardableResult
    func tell(_ call: FleetCall, _ body: () async throws -> FleetAnswer) async throws -> FleetAnswer {
        let number = begin(call)
        let answer = try await body()
        end(number, answer)
        return answer
    }
}
