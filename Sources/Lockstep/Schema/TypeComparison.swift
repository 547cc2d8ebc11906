/// Compares types of two members, and what is inside them.
struct TypeComparison {
    let here: String
    let there: String
    private let types: [String: TypeShape]
    private let others: [String: TypeShape]
    /// The pairs that were compared, or are just being: a type may hold itself.
    private var compared: Set<Pair> = []

    private struct Pair: Hashable {
        let type: String
        let other: String
    }

    init(_ types: [String: TypeShape], _ others: [String: TypeShape], here: String, there: String) {
        (self.types, self.others, self.here, self.there) = (types, others, here, there)
    }

    /// How the types of something differ, in words; nil if each member reads what the other one writes.
    mutating func difference(_ type: String, _ other: String, of subject: String) -> String? {
        difference(type, other, at: Place(subject: subject, type: type))
    }

    /// Where the comparison stands, such as `receive(_:of:) argument 2, Order.lines[].price`.
    private struct Place {
        let subject: String
        let type: String
        var path = ""

        func inside(_ step: String) -> Place {
            var place = self
            place.path += step
            return place
        }

        var words: String { path.isEmpty ? subject : "\(subject), \(type)\(path)," }
    }

    private mutating func difference(_ type: String, _ other: String, at place: Place) -> String? {
        let (type, other) = (types.withoutWrappers(type), others.withoutWrappers(other))
        guard compared.insert(Pair(type: type, other: other)).inserted else { return nil }
        switch (types[type], others[other]) {
        case (.optional(let one)?, .optional(let two)?): return difference(one, two, at: place)
        case (.array(let one)?, .array(let two)?), (.set(let one)?, .set(let two)?):
            return difference(one, two, at: place.inside("[]"))
        case (.dictionary(let key, let value)?, .dictionary(let otherKey, let otherValue)?):
            return difference(key, otherKey, at: place.inside(".keys[]"))
                ?? difference(value, otherValue, at: place.inside(".values[]"))
        case (.fields(let fields, let isWhole)?, .fields(let otherFields, let otherIsWhole)?):
            return difference(fields, isWhole, otherFields, otherIsWhole, at: place)
        case (.cases(let cases)?, .cases(let otherCases)?): return difference(cases, otherCases, at: place)
        case (.rawValues(let one, let values)?, .rawValues(let two, let otherValues)?):
            return difference(one, two, at: place)
                ?? missingCase(Set(values), Set(otherValues), at: place)
        case (let shape, let otherShape):
            if type != other { return "\(place.words) is \(type) on \(here), and \(other) on \(there)" }
            // What is known of one alone cannot be compared.
            guard let shape, let otherShape, shape != otherShape else { return nil }
            return "\(place.words) is \(type), \(shape.kind) on \(here), and \(otherShape.kind) on \(there)"
        }
    }

    private mutating func difference(
        _ fields: [TypeShape.Field], _ isWhole: Bool, _ others: [TypeShape.Field], _ othersAreWhole: Bool,
        at place: Place
    ) -> String? {
        let names = Dictionary(fields.map { ($0.name, $0.type) }) { first, _ in first }
        let otherNames = Dictionary(others.map { ($0.name, $0.type) }) { first, _ in first }
        for name in (fields + others.filter { names[$0.name] == nil }).map(\.name) {
            let place = place.inside(".\(name)")
            switch (names[name], otherNames[name]) {
            case (let one?, let two?):
                if let difference = difference(one, two, at: place) { return difference }
            case (let one?, nil) where othersAreWhole && !types.isOptional(one):
                return "\(place.words) is \(one) on \(here), and missing on \(there); make it optional"
            case (nil, let two?) where isWhole && !self.others.isOptional(two):
                return "\(place.words) is missing on \(here), and \(two) on \(there); make it optional"
            default: break
            }
        }
        return nil
    }

    private mutating func difference(
        _ cases: [TypeShape.Case], _ others: [TypeShape.Case], at place: Place
    ) -> String? {
        let fields = Dictionary(cases.map { ($0.name, $0.fields) }) { first, _ in first }
        let otherFields = Dictionary(others.map { ($0.name, $0.fields) }) { first, _ in first }
        if let missing = missingCase(Set(fields.keys), Set(otherFields.keys), at: place) { return missing }
        for element in cases {
            let place = place.inside(".\(element.name)")
            let same = otherFields[element.name] ?? []
            if let difference = difference(element.fields, true, same, true, at: place) { return difference }
        }
        return nil
    }

    /// A case that the other member could not read.
    private func missingCase(_ names: Set<String>, _ others: Set<String>, at place: Place) -> String? {
        if let name = names.subtracting(others).min() {
            return "\(place.words) may be \"\(name)\" on \(here), and not on \(there)"
        }
        return others.subtracting(names).min().map { name in
            "\(place.words) may be \"\(name)\" on \(there), and not on \(here)"
        }
    }
}

extension [String: TypeShape] {
    /// The type whose bytes a type has: itself, or what stands in it with nothing around.
    fileprivate func withoutWrappers(_ type: String) -> String {
        var type = type
        // A schema that a peer sends may go in circles.
        for _ in 0..<WireLimit.depth {
            guard case .single(let inner)? = self[type] else { break }
            type = inner
        }
        return type
    }

    fileprivate func isOptional(_ type: String) -> Bool {
        if case .optional? = self[withoutWrappers(type)] { true } else { false }
    }
}

extension TypeShape {
    /// What it is, in words.
    fileprivate var kind: String {
        switch self {
        case .single: "a single value"
        case .optional: "an optional"
        case .array: "an array"
        case .set: "a set"
        case .dictionary: "a dictionary"
        case .fields: "a value with fields"
        case .cases: "an enum"
        case .rawValues: "an enum with raw values"
        }
    }
}
