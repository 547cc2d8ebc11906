/// Finds out what types are in the bytes, and the types inside them.
final class TypeDescriber {
    private(set) var shapes: [String: TypeShape] = [:]
    /// A value of each type, encoded; of those of which one could be made.
    private(set) var samples: [String: [UInt8]] = [:]
    private var names: [ObjectIdentifier: String] = [:]

    /// Describes a type and returns its name.
    func describe(_ type: Any.Type) -> String {
        let id = ObjectIdentifier(type)
        if let known = names[id] { return known }
        if let container = type as? any ContainerType.Type {
            let (name, shape, sample) = container.describe(to: self)
            names[id] = name
            note(shape, sample, of: name)
            return name
        }
        let name = newName(of: type)
        // Before what is inside the type, which may hold it.
        names[id] = name
        if let described = type as? any WireDescribed.Type {
            var description = TypeDescription(self)
            described.describe(to: &description)
            note(description.shape, description.sample, of: name)
        } else if let sample = Self.scalarSample(of: type) {
            samples[name] = sample
        } else if let type = type as? any (CaseIterable & RawRepresentable & Encodable).Type {
            describeCases(of: type, named: name)
        } else if let decodable = type as? any Decodable.Type {
            record(decodable, named: name)
        }
        return name
    }

    private func note(_ shape: TypeShape?, _ sample: [UInt8]?, of name: String) {
        shapes[name] = shape
        samples[name] = sample
    }

    /// The name as a source spells it, which types inside different ones may share.
    private func newName(of type: Any.Type) -> String {
        if type == Void.self { return "Void" }
        let (name, taken) = ("\(type)", Set(names.values))
        let others = (2...).lazy.map { "\(name) (\($0))" }
        return taken.contains(name) ? others.first { !taken.contains($0) } ?? name : name
    }

    private static func scalarSample(of type: Any.Type) -> [UInt8]? {
        switch type {
        case is any FixedWidthInteger.Type: encoded(0)
        case is Double.Type: encoded(0.0)
        case is Float.Type: encoded(Float(0))
        case is Bool.Type: encoded(false)
        case is String.Type: encoded("")
        default: nil
        }
    }

    /// Describes an enum with raw values that lists its cases.
    private func describeCases<T: CaseIterable & RawRepresentable & Encodable>(of type: T.Type, named name: String) {
        let values = T.allCases.map { "\($0.rawValue)" }
        var sample: [UInt8]?
        if let first = T.allCases.first { sample = Self.encoded(first) }
        note(.rawValues(of: describe(T.RawValue.self), values), sample, of: name)
    }

    /// Describes a type by what its `init(from:)` asks for.
    private func record<T: Decodable>(_ type: T.Type, named name: String) {
        var best: TypeRecord?
        for attempt in TypeRecord.Attempt.allCases {
            let record = TypeRecord(self, attempt)
            let value = try? T(from: RecordingDecoder(record: record))
            record.isWhole = value != nil
            if best == nil || record.isWhole { best = record }
            if let value = value as? any Encodable { samples[name] = Self.encoded(value) }
            if record.isWhole { break }
        }
        shapes[name] = best?.shape
        if samples[name] == nil, Self.reads(type, Self.emptyArray) { samples[name] = Self.emptyArray }
    }

    /// What a type of elements, such as Foundation's `Data`, reads.
    fileprivate static let emptyArray = [WireTag.array.rawValue, 0]

    private static func reads<T: Decodable>(_ type: T.Type, _ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var reader = WireReader(bytes)
            return (try? reader.read(type)) != nil
        }
    }

    static func encoded(_ value: some Encodable) -> [UInt8]? {
        var writer = WireWriter()
        do {
            try writer.write(value)
            return writer.bytes
        } catch {
            return nil
        }
    }
}

// MARK: - Containers

/// A type of the library that is described by the types inside it.
private protocol ContainerType {
    static func describe(to describer: TypeDescriber) -> (name: String, shape: TypeShape, sample: [UInt8])
}

extension Optional: ContainerType {
    fileprivate static func describe(to describer: TypeDescriber) -> (name: String, shape: TypeShape, sample: [UInt8]) {
        let wrapped = describer.describe(Wrapped.self)
        return ("\(wrapped)?", .optional(wrapped), [WireTag.absent.rawValue])
    }
}

extension Array: ContainerType {
    fileprivate static func describe(to describer: TypeDescriber) -> (name: String, shape: TypeShape, sample: [UInt8]) {
        let element = describer.describe(Element.self)
        return ("[\(element)]", .array(element), TypeDescriber.emptyArray)
    }
}

extension Set: ContainerType {
    fileprivate static func describe(to describer: TypeDescriber) -> (name: String, shape: TypeShape, sample: [UInt8]) {
        let element = describer.describe(Element.self)
        return ("Set<\(element)>", .set(element), [WireTag.set.rawValue, 0])
    }
}

extension Dictionary: ContainerType {
    fileprivate static func describe(to describer: TypeDescriber) -> (name: String, shape: TypeShape, sample: [UInt8]) {
        let (key, value) = (describer.describe(Key.self), describer.describe(Value.self))
        return ("[\(key): \(value)]", .dictionary(key: key, value: value), [WireTag.map.rawValue, 0])
    }
}
