import Lockstep
import Testing

@Suite
struct SchemaTests {
    @Test
    func listsTheMethodsInTheOrderOfTheSource() {
        #expect(Shelf.schema.type == "Shelf")
        #expect(
            Shelf.schema.methods.map(\.name) == [
                "receive(_:of:)", "quantity(of:)", "clear()", "audit()", "total()", "default()",
            ])
    }

    @Test
    func numbersTheMethodsByTheirNames() {
        for method in Shelf.schema.methods + Awkward.schema.methods {
            #expect(method.number == ActorSchema.number(of: method.name))
        }
    }

    @Test
    func numbersOverloadedMethodsByTheirTypesToo() {
        let methods = Plumber.schema.methods.filter { $0.name == "cut(_:)" }
        #expect(
            methods.map(\.number) == [
                ActorSchema.number(of: "cut(_:)", taking: ["Int"]),
                ActorSchema.number(of: "cut(_:)", taking: ["Pipeline"]),
            ])
        #expect(Set(Plumber.schema.methods.map(\.number)).count == Plumber.schema.methods.count)
        #expect(Plumber.schema.methods.contains { $0.number == ActorSchema.number(of: "cut(_:at:)") })
    }

    @Test
    func tellsQueriesFromUpdates() {
        #expect(Shelf.schema.methods.filter(\.isQuery).map(\.name) == ["quantity(of:)", "total()", "default()"])
        #expect(Awkward.schema.methods.filter(\.isQuery).map(\.name) == ["of (any) kind()"])
    }

    @Test
    func tellsDirectMethodsFromBoth() {
        let kinds = Porter.schema.methods.map(\.kind)
        #expect(kinds == [.update, .direct, .direct, .direct, .query, .query, .query])
    }

    @Test
    func spellsTheTypesWithTheResultLast() {
        let signatures = Shelf.schema.methods.map(\.signature)
        #expect(
            signatures == [
                ["Int", "String", "Int"], ["String", "Int"], ["Void"], ["Bool"], ["Int"], ["[String: Int]"],
            ])
    }

    @Test
    func hasOneSpellingForNoResult() {
        let results = Awkward.schema.methods.map { $0.signature.last }
        #expect(results == ["Int", "Int", "Void", "Item?", "[[Int]]"])
    }

    @Test
    func leavesOutBackticks() {
        #expect(Awkward.schema.methods.map(\.name).contains("default(in:switch:_:)"))
        #expect(Type.schema == ActorSchema(type: "Type", methods: []))
    }

    @Test
    func keepsConditions() {
        #expect(Warehouse.Conditional.schema.methods.map(\.name) == ["always(_:)", "both()"])
    }

    @Test
    func listsTheReplicatedPropertiesWithTheirTypes() {
        #expect(Shelf.schema.properties == ["stock": "[String: Int]"])
        #expect(Awkward.schema.properties["default"] == "Item?" && Awkward.schema.properties["left"] == "Int")
        #expect(Awkward.schema.types["Item"] != nil)
        #expect(Awkward.schema.properties["cache"] == nil)
    }

    @Test
    func servesGenericActors() {
        #expect(Box<Int>.schema.methods.map(\.signature) == [["Int", "Int?"], ["Void"]])
    }
}
