import Foundation
import Testing

@testable import Lockstep

/// Types that are described by what they decode.
private enum Plain {
    struct Order: Codable {
        var lines: [Line]
        var note: String?
        var count: Int?
        var id: UUID
        var kind: Kind
        var data: Data
        var date: Date
        var shape: WireSamples.Shape
        var last: Bool
    }

    struct Line: Codable {
        var price: Int
        private enum CodingKeys: String, CodingKey { case price = "p" }
    }

    enum Kind: String, Codable, CaseIterable { case small, large = "L" }

    enum Payload: Codable { case one(Int), two }

    struct Partial: Codable {
        var first: Int
        var payload: Payload
        var last: Int
    }

    final class Node: Codable {
        var next: Node?
        var all: [String: Node]

        init(all: [String: Node]) { self.all = all }
    }

    struct Line2 { struct Line: Codable { var price: String } }
}

@Suite("A type is described")
struct TypeDescriberTests {
    private let describer = TypeDescriber()

    private func shape(_ type: Any.Type) -> TypeShape? {
        let name = describer.describe(type)
        return describer.shapes[name]
    }

    private func fields(_ types: KeyValuePairs<String, String>, isWhole: Bool = true) -> TypeShape {
        .fields(types.map { TypeShape.Field(name: $0.key, type: $0.value) }, isWhole: isWhole)
    }

    @Test func byOneNameHoweverItIsSpelled() {
        typealias Many = Array<Optional<Int>>
        #expect(describer.describe(Many.self) == "[Int?]")
        #expect(describer.describe([Swift.Int?].self) == "[Int?]")
        #expect(describer.describe(Dictionary<String, Set<UInt8>>.self) == "[String: Set<UInt8>]")
        #expect(describer.describe(Void.self) == "Void")
    }

    @Test func byWhatItDecodes() {
        #expect(
            shape(Plain.Order.self)
                == fields([
                    "lines": "[Line]", "note": "String?", "count": "Int?", "id": "UUID", "kind": "Kind", "data": "Data",
                    "date": "Date", "shape": "Shape", "last": "Bool",
                ]))
        #expect(describer.shapes["Line"] == fields(["p": "Int"]))
        #expect(describer.shapes["Kind"] == .rawValues(of: "String", ["small", "L"]))
        #expect(describer.shapes["Date"] == .single("Double"))
        #expect(describer.shapes["UUID"] == .single("String"))
    }

    @Test func byWhatTheMacroWrites() {
        #expect(
            shape(WireSamples.Renamed.self) == fields(["z": "Int", "second": "Int?"]), "without what has no key")
        #expect(shape(WireSamples.Level.self) == .rawValues(of: "UInt8", ["1", "200"]))
        guard case .cases(let cases)? = shape(WireSamples.Shape.self) else {
            Issue.record("no cases")
            return
        }
        #expect(cases.map(\.name).prefix(3) == ["none", "circle", "line"])
        #expect(cases[4].fields.map(\.name) == ["_0", "of"] && cases[4].fields.map(\.type) == ["String", "Shape"])
    }

    @Test func alsoIfItHoldsItself() {
        #expect(shape(Plain.Node.self) == fields(["next": "Node?", "all": "[String: Node]"]))
        #expect(describer.shapes["[String: Node]"] == .dictionary(key: "String", value: "Node"))
    }

    @Test func asFarAsAValueCanBeMade() {
        #expect(shape(Plain.Payload.self) == nil)
        #expect(shape(Plain.Partial.self) == fields(["first": "Int", "payload": "Payload"], isWhole: false))
        #expect(shape(EncodingTests.Loose.self) == nil)
        #expect(shape(EncodingTests.Endless.self) == .single("Endless?"))
    }

    @Test func apartFromOthersOfItsName() {
        #expect(describer.describe(Plain.Line.self) == "Line")
        #expect(describer.describe(Plain.Line2.Line.self) == "Line (2)")
        #expect(describer.describe(Plain.Line.self) == "Line")
    }
}
