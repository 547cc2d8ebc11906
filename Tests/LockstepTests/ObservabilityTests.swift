import LockstepTesting
import Metrics
import MetricsTestKit
import Synchronization
import Testing
import Tracing

@testable import Lockstep

/// Carries one string through the process's instrument.
private struct StringInstrument: Instrument {
    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        context[RequestKey.self] = extractor.extract(key: "request", from: carrier)
    }

    func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        if let request = context[RequestKey.self] { injector.inject(request, forKey: "request", into: &carrier) }
    }
}

private enum RequestKey: ServiceContextKey {
    typealias Value = String
}

/// The systems of a process are set up once.
private let metrics: TestMetrics = {
    let metrics = TestMetrics()
    MetricsSystem.bootstrap(metrics)
    InstrumentationSystem.bootstrap(StringInstrument())
    return metrics
}()

/// What every replica of this process saw.
private let seen = Mutex<[String]>([])

private func noteRequest() { seen.withLock { $0.append(ServiceContext.current?[RequestKey.self] ?? "none") } }

@Replicated
distributed actor Traced {
    private var count = 0

    distributed func count(_ more: Int) -> Int {
        noteRequest()
        count += more
        return count
    }

    @Query
    distributed func total() -> Int { count }

    @Query
    distributed func request() -> String { ServiceContext.current?[RequestKey.self] ?? "none" }
}

@Suite("What is seen from outside", .serialized, .timeLimit(.minutes(1)))
struct ObservabilityTests {
    @Test func theContextOfTheCallerTravelsWithTheCall() async throws {
        _ = metrics
        try await withCluster(of: 3) { nodes in
            let traced = try await hostEverywhere("traced", on: nodes) { Traced(actorSystem: $0) }
            seen.withLock { $0 = [] }
            _ = try await traced[0].count(1)
            var context = ServiceContext.topLevel
            context[RequestKey.self] = "request 17"
            let count = try await ServiceContext.withValue(context) { try await traced[1].count(2) }
            #expect(count == 3)
            for handle in traced { #expect(try await handle.total() == 3) }
            let all = seen.withLock { $0 }
            #expect(all.count == 6 && all.filter { $0 == "request 17" }.count == 3)
        }
    }

    @Test func theContextOfAClientDoesToo() async throws {
        _ = metrics
        try await withCluster(of: 2) { nodes in
            let handles = try await hostEverywhere("traced", on: nodes) { Traced(actorSystem: $0) }
            var configuration = ClientConfiguration(cluster: nodes[0].configuration.cluster)
            configuration.key = nodes[0].configuration.key
            let client = try await Client.connect(configuration)
            let traced = try await client.group(Traced.self, "traced")
            seen.withLock { $0 = [] }
            _ = try await traced.count(1)
            #expect(try await traced.request() == "none")
            var context = ServiceContext.topLevel
            context[RequestKey.self] = "request 18"
            let known = try await ServiceContext.withValue(context) {
                (count: try await traced.count(2), request: try await traced.request())
            }
            #expect(known == (3, "request 18"))
            // What is too long to travel stays behind, and the call goes on.
            context[RequestKey.self] = String(repeating: "x", count: 5000)
            let long = try await ServiceContext.withValue(context) {
                (count: try await traced.count(3), request: try await traced.request())
            }
            #expect(long == (6, "none"))
            await client.close()
            for handle in handles { #expect(try await handle.total() == 6) }
            let all = seen.withLock { $0 }
            #expect(all.count == 6 && all.filter { $0 == "request 18" }.count == 2)
        }
    }

    @Test func updatesAndQueriesAreCounted() async throws {
        _ = metrics
        try await withCluster(of: 1) { nodes in
            let traced = try await nodes[0].host("counted") { Traced(actorSystem: $0) }
            for _ in 0..<5 { _ = try await traced.count(1) }
            _ = try await traced.total()
            let dimensions = [("group", "counted")]
            // The batch is counted when all of it has run.
            _ = try await traced.group.status()
            #expect(try metrics.expectCounter("lockstep_updates", dimensions).totalValue == 5)
            #expect(try metrics.expectCounter("lockstep_queries", dimensions).totalValue == 1)
        }
    }

    @Test func damagedBaggageChangesNothing() {
        var ran = 0
        for bytes in [[], [0xCE], [0xFF, 0x00], [0xCE, 0x01, 0x81]] as [[UInt8]] {
            bytes.withUnsafeBytes { bytes in CallBaggage.with(bytes) { ran += 1 } }
        }
        #expect(ran == 4)
    }
}
