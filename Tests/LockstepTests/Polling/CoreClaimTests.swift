import Glibc
import Testing

@testable import Lockstep

/// The number of a core that no host has, so that a test claims what nobody else does.
private func unusedCore() -> Int { Int.random(in: 1_000_000...Int(Int32.max)) }

/// Such a number that a process and those it starts agree on.
private func sharedCore(of process: pid_t) -> Int { 100_000_000 + Int(process) }

@Suite("A claim on a core")
struct CoreClaimTests {
    @Test func isRefusedToOthersUntilItEnds() {
        let core = unusedCore()
        do {
            let claim = CoreClaim(core: core)
            #expect(!isFree(core))
            #expect(isFree(unusedCore()))
            withExtendedLifetime(claim) {}
        }
        #expect(isFree(core))
    }

    @Test func isSeenByOtherProcessesAndEndsWithItsOwn() async {
        let core = sharedCore(of: getpid())
        do {
            let claim = CoreClaim(core: core)
            await #expect(processExitsWith: .success) { #expect(!isFree(sharedCore(of: getppid()))) }
            withExtendedLifetime(claim) {}
        }
        await #expect(processExitsWith: .signal(SIGKILL)) {
            let claim = CoreClaim(core: sharedCore(of: getppid()))
            #expect(!isFree(sharedCore(of: getppid())))
            kill(getpid(), SIGKILL)
            withExtendedLifetime(claim) {}
        }
        #expect(isFree(core))
    }
}

/// Whether a core can be claimed; the claim ends at once.
private func isFree(_ core: Int) -> Bool {
    switch CoreClaim(core: core) {
    case .some: true
    case .none: false
    }
}

@Suite("The cores of a thread")
struct CoreSetTests {
    @Test func areAtLeastTheOneThatItRunsOn() throws {
        let cores = try #require(CoreSet.ofThisThread)
        #expect(cores.count == Array(cores).count)
        #expect(cores.contains(CoreSet.current))
    }

    @Test func areTheSameAfterItHasMoved() throws {
        let cores = try #require(CoreSet.ofThisThread)
        for core in cores {
            #expect(cores.moveThisThread(to: core))
            #expect(CoreSet.ofThisThread == cores)
        }
    }

    @Test(arguments: [-1, 1023, 1024, .max >> 32])
    func areTheSameAfterAMoveThatIsRefused(to core: Int) throws {
        let cores = try #require(CoreSet.ofThisThread)
        guard !cores.contains(core) else { return }
        #expect(!cores.moveThisThread(to: core))
        #expect(CoreSet.ofThisThread == cores)
    }

    @Test func othersBeginAfterTheCore() throws {
        let cores = try #require(CoreSet.ofThisThread)
        let all = Array(cores)
        for (index, core) in all.enumerated() {
            #expect(cores.others(than: core) == Array(all[(index + 1)...] + all[..<index]))
        }
    }
}
