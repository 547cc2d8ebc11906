import LockstepTesting
import Testing

/// The built program, with real processes.
@Suite(.serialized)
struct SoakProcessTests {
    @Test
    func nothingIsLostWhileMembersComeAndGo() async throws {
        let run = try await CommandRun("soak", "--minutes", "0.05", "--members", "4", "--seed", "1", "--json")
        #expect(run.status == .code(0), "\(run.text)")
        try #require(run.lines.count == 1, "\(run.text)")
        #expect(run.lines[0].contains(#""members":4,"seed":1,"clusters":1,"#), "\(run.text)")
        #expect(run.lines[0].contains(#""lost":0,"duplicated":0,"checked":0,"violation":null,"#), "\(run.text)")
    }

    @Test
    func whatAllShareIsLinearizable() async throws {
        let run = try await CommandRun(
            "soak", "--minutes", "0.05", "--members", "4", "--seed", "2", "--coordination", "--json")
        #expect(run.status == .code(0), "\(run.text)")
        try #require(run.lines.count == 1, "\(run.text)")
        #expect(!run.lines[0].contains(#""checked":0,"#) && run.lines[0].contains(#""violation":null,"#), "\(run.text)")
    }

    @Test(arguments: [
        (["--members", "2"], "--members must be from 3 to 16, not 2."),
        (["--minutes", "0"], "--minutes must be more than 0 and at most 10080, not 0.0."),
        (["--minutes", "nan"], "--minutes must be more than 0 and at most 10080, not nan."),
    ])
    func refusesWhatIsOutOfRange(arguments: [String], sentence: String) async throws {
        let (status, lines) = try await CommandRun.start(["soak"] + arguments).finish(within: patience)
        #expect(status == .code(64))
        #expect(lines.joined(separator: "\n").contains(sentence), "\(lines)")
    }
}
