import Testing

@testable import Lockstep

extension EncodingTests {
    @Suite("Equal values have equal bytes")
    struct CanonicalTests {
        /// Equal sets that were filled in another order and have another capacity.
        func variants<T: Hashable>(_ items: [T]) -> [Set<T>] {
            var grown = Set<T>(minimumCapacity: 1000)
            for item in items.reversed() { grown.insert(item) }
            return [Set(items), grown, Set(items.shuffled())]
        }

        @Test func setsAndDictionariesAtAnyDepth() throws {
            let numbers = Array(0..<200)
            let points = numbers.map { Point(x: $0, y: Double($0)) }
            #expect(Set(try variants(numbers).map { try encode($0) }).count == 1)
            #expect(Set(try variants(points).map { try encode($0) }).count == 1)
            #expect(Set(try variants(points).map { try encode(Boxed(value: [Set([$0])])) }).count == 1)
            let dictionaries = variants(points).map { set in
                Dictionary(
                    uniqueKeysWithValues: set.map {
                        ($0, ["\($0.x)": Set([Shape.none, .circle(radius: $0.y)])])
                    })
            }
            #expect(Set(dictionaries).count == 1)
            #expect(Set(try dictionaries.map { try encode($0) }).count == 1)
            #expect(Set(try dictionaries.map { try encode(Wrapped(value: [$0])) }).count == 1)
            let names = variants(numbers).map { Dictionary(uniqueKeysWithValues: $0.map { ("\($0)", $0) }) }
            #expect(Set(try names.map { try encode(Boxed(value: $0)) }).count == 1)
        }

        @Test func everyPathWritesTheSame() throws {
            let values = [Point(x: 1, y: 2)]
            let whole = try encode(values)
            #expect(try encode(Wrapped(value: values)) == whole)
            #expect(try encode(Optional(values)) == whole)
            #expect(try encode(Custom { try values.encode(to: $0) }) == whole)
            #expect(try encode(Boxed(value: 1)) == (try encode(["value": 1])))
            #expect(try encode([Point]()) == (try encode([Int]())))
            #expect(try encode(Point?.none) == [0xC0])
        }

        @Test func dictionariesWithKeysThatLookAlikeAreRefused() throws {
            #expect(throws: WireError.ambiguous(type: "Dictionary<Double, Int>")) {
                try encode([Double.nan: 1, Double.nan: 2])
            }
            let payloads = [Double(bitPattern: 0x7FF8_0000_0000_0001), .nan]
            #expect(try roundTrip(Set(payloads)).count == 2)
        }

        @Test func onlyHashesUnifyNaN() throws {
            let odd = Double(bitPattern: 0x7FF8_0000_0000_0001)
            #expect(try encode(odd) != (try encode(Double.nan)))
            #expect(hash(odd) == hash(Double.nan))
            #expect(hash([Boxed(value: Float.nan)]) == hash([Boxed(value: -Float.nan)]))
            #expect(hash(0.0) != hash(-0.0))
            #expect(hash([Double.nan: 1, odd: 2]) == hash([odd: 1, Double.nan: 2]))
        }

        @Test func hashesDependOnNamesAndNotOnOrder() {
            var one = StateHasher()
            one.combine(1, named: "a")
            one.combine("x", named: "b")
            var other = StateHasher()
            other.combine("x", named: "b")
            other.combine(1, named: "a")
            #expect(one.finalize() == other.finalize())
            #expect(hash(1, named: "a") != hash(1, named: "b"))
            #expect(hash(1) != hash(2))
            #expect(hash([Int]()) != hash([0]))
            #expect(hash(Int?.none) != StateHasher().finalize())
        }

        @Test func theHashIsTheSameForEver() {
            #expect(hash(Everything()) == hash(Everything()))
            let bytes = Array("the quick brown fox".utf8)
            #expect(bytes.withUnsafeBytes { StableHash.of($0) } == 13_395_226_682_231_822_085)
            let hashes = (0..<64).map { count in
                [UInt8](repeating: 0, count: count).withUnsafeBytes { StableHash.of($0) }
            }
            #expect(Set(hashes).count == 64)
        }

        @Test func aValueThatFailsToEncodeHasAFixedHash() {
            #expect(hash([Double.nan: Unwilling()]) == hash(Unwilling()))
            #expect(hash(Unwilling()) != hash(Nothing()))
        }

        func hash<T: Codable & Sendable>(_ value: T, named name: String = "value") -> UInt64 {
            var hasher = StateHasher()
            hasher.combine(value, named: name)
            return hasher.finalize()
        }
    }

    struct Unwilling: Codable {
        init() {}

        init(from decoder: any Decoder) throws { throw Refusal() }

        func encode(to encoder: any Encoder) throws { throw Refusal() }
    }
}
