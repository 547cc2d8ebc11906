/// A type that says what it is in the bytes, so that members can compare it. The macro ``Wire()`` writes it.
public protocol WireDescribed {
    /// Adds the fields, the cases or the raw values of the type to a description.
    static func describe(to description: inout TypeDescription)
}

/// Collects what a type is in the bytes. Code that ``Wire()`` generates fills it.
public struct TypeDescription {
    private let describer: TypeDescriber
    private(set) var shape = TypeShape.fields([], isWhole: true)
    private var fields: [TypeShape.Field] = []
    private var cases: [TypeShape.Case] = []
    /// A value of the type, encoded, if one could be made.
    private(set) var sample: [UInt8]?
    /// The names and values of the fields of the sample; nil as soon as there is none of one.
    private var sampleFields: [String: [UInt8]]? = [:]

    init(_ describer: TypeDescriber) {
        self.describer = describer
        sample = Self.map([:])
    }

    /// Adds a field, or a value that a case carries.
    public mutating func addField(_ name: String, _ type: Any.Type) {
        let type = describer.describe(type)
        fields.append(TypeShape.Field(name: name, type: type))
        shape = .fields(fields, isWhole: true)
        sampleFields = sampleFields.flatMap { fields in
            describer.samples[type].map { fields.merging([name: $0]) { _, new in new } }
        }
        sample = sampleFields.flatMap(Self.map)
    }

    /// Adds a case with the values that it carries.
    public mutating func addCase(_ name: String, _ values: (inout TypeDescription) -> Void) {
        if cases.isEmpty { sample = nil }
        var description = TypeDescription(describer)
        values(&description)
        cases.append(TypeShape.Case(name: name, fields: description.fields))
        shape = .cases(cases)
        if sample == nil { sample = description.sample.flatMap { Self.map([name: $0]) } }
    }

    /// Adds the raw values of an enum.
    public mutating func addRawValues<Value: Encodable>(_ values: [Value]) {
        shape = .rawValues(of: describer.describe(Value.self), values.map { "\($0)" })
        sample = values.first.flatMap { TypeDescriber.encoded($0) }
    }

    private static func map(_ fields: [String: [UInt8]]) -> [UInt8]? {
        var writer = WireWriter()
        do {
            var sorter = WireSorter(writer)
            for (name, value) in fields {
                try sorter.add(
                    key: { name.write(to: &$0) }, value: { writer in value.withUnsafeBytes { writer.writeRaw($0) } })
            }
            try sorter.append(to: &writer, as: .map, type: Self.self)
            return writer.bytes
        } catch {
            return nil
        }
    }
}
