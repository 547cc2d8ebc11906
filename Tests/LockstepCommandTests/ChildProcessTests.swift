import Glibc
import LockstepTesting
import Testing

/// Long enough for any machine: no test is about time.
let patience = Duration.seconds(60)

@Suite
struct ChildProcessTests {
    private func shell(_ script: String) throws -> ChildProcess {
        try ChildProcess("/bin/sh", ["-c", script])
    }

    @Test
    func givesTheLinesOfOutputAndErrors() async throws {
        let child = try shell("echo one; echo two >&2; printf three")
        let (status, lines) = try await child.finish(within: patience)
        #expect(status == .code(0))
        #expect(lines == ["one", "two", "three"])
        #expect(child.isAtEnd)
    }

    @Test
    func saysHowAProcessEnded() async throws {
        #expect(try await shell("exit 3").exitStatus(within: patience) == .code(3))
        #expect(try await shell("kill -9 $$").exitStatus(within: patience) == .signal(SIGKILL))
        #expect("\(ProcessStatus.code(3))" == "ended with exit code 3")
        #expect("\(ProcessStatus.signal(SIGKILL))" == "was ended by signal 9 (Killed)")
    }

    @Test
    func givesLinesAsTheyCome() async throws {
        let child = try shell("echo ready; exec sleep 1000")
        #expect(try await child.line(within: patience) { $0 == "ready" } == "ready")
        #expect(child.status == nil)
        child.terminate()
        #expect(try await child.exitStatus(within: patience) == .signal(SIGTERM))
    }

    @Test
    func saysWhatCameInsteadOfTheExpectedLine() async throws {
        let child = try shell("echo something else")
        let error = try await #require(throws: ProcessError.self) {
            try await child.line(within: patience) { $0 == "ready" }
        }
        #expect(error.description.contains("something else"))
    }

    @Test
    func stopsAndResumes() async throws {
        let child = try shell("echo ready; exec sleep 1000")
        _ = try await child.line(within: patience)
        child.stop()
        #expect(try await state(of: child.id, becomes: "T"))
        child.resume()
        #expect(try await state(of: child.id, becomes: "S"))
    }

    @Test
    func endsEvenWhatIgnoresTheRequest() async throws {
        let stubborn = try shell("trap '' TERM; echo ready; while :; do sleep 1000; done")
        let willing = try shell("echo ready; exec sleep 1000")
        for child in [stubborn, willing] { _ = try await child.line(within: patience) }
        ChildProcess.end([stubborn, willing], grace: .milliseconds(100))
        #expect(stubborn.status == .signal(SIGKILL))
        #expect(willing.status == .signal(SIGTERM))
    }

    @Test
    func leavesNothingBehind() async throws {
        var child: ChildProcess? = try shell("exec sleep 1000")
        let id = try #require(child?.id)
        #expect(kill(id, 0) == 0)
        child = nil
        #expect(kill(id, 0) == -1 && errno == ESRCH)
    }

    @Test
    func namesAProgramThatCannotBeStarted() throws {
        let error = try #require(throws: ProcessError.self) { try ChildProcess("/no/such/program") }
        #expect(error.description.contains("/no/such/program"))
    }

    @Test
    func startsManyAtOnce() async throws {
        try await withThrowingTaskGroup { group in
            for number in 0..<20 {
                group.addTask {
                    let (_, lines) = try await shell("echo \(number)").finish(within: patience)
                    #expect(lines == ["\(number)"])
                }
            }
            try await group.waitForAll()
        }
    }

    private func state(of process: pid_t, becomes wanted: Character) async throws -> Bool {
        for _ in 0..<10_000 {
            if processState(process) == wanted { return true }
            try await Task.sleep(for: .milliseconds(5))
        }
        return false
    }
}

/// The letter by which the kernel names the state of a process; nil if there is none of that number.
func processState(_ process: pid_t) -> Character? { processStatus(process).first?.first }

/// The process that has started a process; nil if there is none of that number.
func processParent(_ process: pid_t) -> pid_t? { processStatus(process).dropFirst().first.flatMap { pid_t($0) } }

/// What the kernel says of a process, from its state on.
private func processStatus(_ process: pid_t) -> [Substring] {
    guard let file = fopen("/proc/\(process)/stat", "r") else { return [] }
    defer { fclose(file) }
    var buffer = [UInt8](repeating: 0, count: 512)
    let count = fread(&buffer, 1, buffer.count, file)
    let text = String(decoding: buffer[..<count], as: UTF8.self)
    // The name stands in brackets, and may hold anything.
    return text.lastIndex(of: ")").map { text[$0...].dropFirst().split(separator: " ") } ?? []
}
