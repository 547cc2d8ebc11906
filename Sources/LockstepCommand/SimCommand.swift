import ArgumentParser
import LockstepTesting

struct SimCommand: AsyncParsableCommand {
    @Option var seeds = 100
    @Option var first: UInt64 = 1
    mutating func run() async throws {
        for seed in first..<first + UInt64(seeds) {
            let r = Simulation(seed: seed).run()
            if let v = r.violation { print(seed, v, r.scenario) }
        }
    }
}
