import Tracing

/// What travels with a call for those who trace it: whatever the process's instrument takes from the caller's context.
enum CallBaggage {
    /// Longer ones stay behind.
    static let sizeMax = Int(UInt16.max)

    private struct Pairs: Injector, Extractor {
        func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }

        func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
    }

    /// The baggage of the task that calls, encoded; nil if it has none.
    static func current(upTo sizeMax: Int = sizeMax) -> [UInt8]? {
        guard let context = ServiceContext.current else { return nil }
        var pairs: [String: String] = [:]
        InstrumentationSystem.instrument.inject(context, into: &pairs, using: Pairs())
        guard !pairs.isEmpty else { return nil }
        var writer = WireWriter()
        guard (try? writer.write(pairs)) != nil, writer.count <= sizeMax else { return nil }
        return writer.bytes
    }

    /// Runs a call with the context that came with it.
    static func with(_ bytes: UnsafeRawBufferPointer, _ body: () -> Void) {
        var reader = WireReader(bytes)
        guard let pairs = try? reader.read([String: String].self) else { return body() }
        var context = ServiceContext.topLevel
        InstrumentationSystem.instrument.extract(pairs, into: &context, using: Pairs())
        ServiceContext.withValue(context, operation: body)
    }
}
