import Testing

@testable import Lockstep

@Suite
struct ExitCodeTests {
    /// The numbers of sysexits.h, which supervisors are configured with: they never change.
    @Test(arguments: [
        (LockstepError.Code.excluded, Int32(75)), (.notMember, 75), (.joinTimedOut, 75), (.outcomeUnknown, 75),
        (.invalidConfiguration, 78), (.nameTaken, 78), (.incompatible, 78), (.schemaMismatch, 78),
        (.unsupportedHost, 69), (.stateLost, 65), (.corruptMemory, 70), (.queryChangedState, 70),
    ])
    func tellsASupervisorWhatToDo(code: LockstepError.Code, exitCode: Int32) {
        #expect(LockstepError(code, "").exitCode == exitCode)
    }
}
