import ArgumentParser
import Lockstep

/// Runs a node, and ends the process with the exit code that tells a supervisor what to do.
func endWell(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let error as LockstepError {
        Terminal.writeLine("\(error)")
        throw ExitCode(error.exitCode)
    }
}
