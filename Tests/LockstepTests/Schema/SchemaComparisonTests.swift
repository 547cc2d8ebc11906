import Testing

@testable import Lockstep

/// Two releases of the same types.
private enum First {
    typealias Number = Int

    @Wire struct Order: Codable, Sendable {
        var lines: [Line]
        var others: [String: Line?]
        var next: [Order]
    }

    @Wire struct Line: Codable, Sendable { var price: Number }

    @Wire struct Note: Codable, Sendable { var text: String }

    @Wire indirect enum Step: Codable, Sendable { case stop, go(Int), both(Step, Step) }

    @Wire enum Level: String, Codable, Sendable { case low, high }

    struct Name: RawRepresentable, Codable, Sendable { var rawValue: String }
}

private enum Second {
    @Wire struct Order: Codable, Sendable {
        var next: Array<Order>
        var lines: [Line]
        var others: [String: Optional<Line>]
    }

    @Wire struct Line: Codable, Sendable { var price: String }

    struct Note: Codable, Sendable {
        var text: String
        var author: String?
    }

    struct Longer: Codable, Sendable {
        var text: String
        var author: String
    }

    @Wire indirect enum Step: Codable, Sendable { case stop, go(Int), both(Step, Step), back }

    @Wire enum Level: String, Codable, Sendable { case low }
}

@Suite("Types of two members")
struct SchemaComparisonTests {
    private func difference(_ one: any Sendable.Type, _ other: any Sendable.Type) -> String? {
        func schema(_ type: any Sendable.Type) -> ActorSchema {
            var builder = SchemaBuilder(Self.self)
            builder.add(1, "receive(_:of:)", taking: [Int.self, type], returning: Void.self)
            return builder.schema
        }
        return schema(one).difference(from: schema(other), here: "a", there: "b")
    }

    @Test func areTheSameHoweverTheyAreSpelled() {
        #expect(difference([First.Number?].self, Array<Optional<Int>>.self) == nil)
        #expect(difference(First.Order.self, First.Order.self) == nil)
        #expect(difference(First.Name.self, String.self) == nil)
    }

    @Test func differByAPath() {
        #expect(
            difference([First.Order].self, [Second.Order].self)
                == "receive(_:of:) argument 2, [Order][].lines[].price, is Int on a, and String on b")
        #expect(difference(Int.self, String.self) == "receive(_:of:) argument 2 is Int on a, and String on b")
        #expect(difference(Int?.self, Int.self) == "receive(_:of:) argument 2 is Int? on a, and Int on b")
        #expect(
            difference([String: [Int8]].self, [String: [Int]].self)
                == "receive(_:of:) argument 2, [String: [Int8]].values[][], is Int8 on a, and Int on b")
        #expect(
            difference(First.Step.self, First.Note.self) == "receive(_:of:) argument 2 is Step on a, and Note on b")
    }

    @Test func mayHaveMoreFieldsThatAreOptional() {
        #expect(difference(First.Note.self, Second.Note.self) == nil)
        #expect(difference(Second.Note.self, First.Note.self) == nil)
        #expect(
            difference(First.Note.self, Second.Longer.self)
                == "receive(_:of:) argument 2, Note.author, is missing on a, and String on b; make it optional")
        #expect(
            difference(Second.Longer.self, First.Note.self)
                == "receive(_:of:) argument 2, Longer.author, is String on a, and missing on b; make it optional")
    }

    @Test func mayNotHaveMoreCases() {
        #expect(
            difference(First.Step.self, Second.Step.self)
                == "receive(_:of:) argument 2 may be \"back\" on b, and not on a")
        #expect(
            difference([First.Level].self, [Second.Level].self)
                == "receive(_:of:) argument 2, [Level][], may be \"high\" on a, and not on b")
    }

    @Test func ofPropertiesAndErrorsDifferToo() {
        var (one, other) = (SchemaBuilder(Int.self), SchemaBuilder(Int.self))
        one.add(1, "f()", taking: [], returning: Void.self, throwing: First.Note.self)
        other.add(1, "f()", taking: [], returning: Void.self, throwing: Second.Longer.self)
        let words = one.schema.difference(from: other.schema, here: "a", there: "b")
        #expect(words == "f() error, Note.author, is missing on a, and String on b; make it optional")

        let schemas = ["Int", "String"].map { ActorSchema(type: "A", methods: [], properties: ["x": $0, $0: $0]) }
        #expect(
            schemas[0].difference(from: schemas[1], here: "a", there: "b") == "property x is Int on a, and String on b")
    }

    /// A peer may send anything.
    @Test func mayGoInCircles() {
        let types: [String: TypeShape] = ["A": .single("B"), "B": .single("A"), "C": .array("C")]
        let schema = ActorSchema(type: "A", methods: [], properties: ["a": "A", "c": "C"], types: types)
        #expect(schema.difference(from: schema, here: "a", there: "b") == nil)
    }
}
