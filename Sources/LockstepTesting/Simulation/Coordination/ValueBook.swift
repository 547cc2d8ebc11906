/// What was done to counters and to values with versions, to be compared with what they promise.
final class ValueBook {
    /// Something that was begun.
    enum Begun {
        case addition(String, Int)
        case put(Int)
    }

    private var additions: [String: [Operation<Int, Int>]] = [:]
    private var accesses: [Operation<VersionedModel.Input, VersionedModel.Output>] = []
    private var seen: [String: UInt64] = [:]
    private var valuesEver: UInt64 = 0

    var count: Int { additions.values.reduce(accesses.count) { $0 + $1.count } }

    // MARK: - Counters

    func beginAdding(to key: String, at now: Int64) -> Begun {
        additions[key, default: []].append(Operation(1, nil, at: Self.time(now, now)))
        return .addition(key, additions[key, default: []].count - 1)
    }

    func end(_ begun: Begun, _ sum: Int, at now: Int64) {
        guard case .addition(let key, let place) = begun, let operation = additions[key]?[place] else { return }
        additions[key]?[place] = Operation(1, sum, at: operation.time.lowerBound...UInt64(now))
    }

    // MARK: - Values with versions

    /// The version that somebody has seen last.
    func versionSeen(_ shelf: String, _ key: String) -> UInt64 { seen["\(shelf)/\(key)"] ?? 0 }

    func noteRead(
        _ shelf: String, _ key: String, _ answer: CoordinationQuery.Answer, from began: Int64, to now: Int64
    ) {
        let key = "\(shelf)/\(key)"
        seen[key] = answer.version
        accesses.append(
            Operation(
                .get(key), .init(value: answer.bytes.map(NumberBytes.number) ?? 0, version: answer.version),
                at: Self.time(began, now)))
    }

    func beginPutting(
        _ shelf: String, _ key: String, replacing version: UInt64?, at now: Int64
    ) -> (bytes: [UInt8], begun: Begun) {
        valuesEver += 1
        let input = VersionedModel.Input.put("\(shelf)/\(key)", valuesEver, replacing: version)
        accesses.append(Operation(input, nil, at: Self.time(now, now)))
        return (NumberBytes.bytes(of: valuesEver), .put(accesses.count - 1))
    }

    func end(_ begun: Begun, _ version: UInt64?, at now: Int64) {
        guard case .put(let place) = begun else { return }
        let operation = accesses[place]
        accesses[place] = Operation(
            operation.input, .init(value: 0, version: version), at: operation.time.lowerBound...UInt64(now))
        guard case .put(let key, _, _) = operation.input, let version else { return }
        seen[key] = version
    }

    // MARK: - The end

    /// Compares everything, with what the counters have at last if that is known.
    func finish(at now: Int64, count: ((String) -> Int)?) throws {
        for (key, operations) in additions.sorted(by: { $0.key < $1.key }) {
            let last = count.map { Operation(0, $0(key), at: Self.time(now + 1, now + 1)) }
            try checkLinearizability(of: operations + [last].compactMap(\.self), against: CounterModel())
        }
        try checkLinearizability(of: accesses, against: VersionedModel(), partitionedBy: \.key)
    }

    private static func time(_ began: Int64, _ now: Int64) -> ClosedRange<UInt64> { UInt64(began)...UInt64(now) }
}
