enum Colour: String, Codable, Hashable { case red, green, blue }

indirect enum Shape: Codable {
    case none
    case circle(radius: Double)
    case group([Shape])
    case labelled(String, of: Shape)
}

/// JSON in a single value.
enum Loose: Codable {
    case null
    case number(Int)
    case text(String)
    case list([Loose])
    case object([String: Loose])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let number = try? container.decode(Int.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([Loose].self) {
            self = .list(list)
        } else {
            self = .object(try container.decode([String: Loose].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        case .list(let list): try container.encode(list)
        case .object(let object): try container.encode(object)
        }
    }
}

/// Has the fast path.
struct Item: WireCodable {
    var id: Int
    var note: String?
    var tags: [String: Int]
    var lines: [Int]

    func write(to writer: inout WireWriter) throws {
        try writer.writeFields(note == nil ? 3 : 4) { writer in
            try writer.writeField("id", id)
            try writer.writeField("note", note)
            try writer.writeField("tags", tags)
            try writer.writeField("lines", lines)
        }
    }

    init(wire reader: inout WireReader) throws {
        var fields = try reader.readFields()
        id = try fields.read("id", from: &reader)
        note = try fields.read("note", from: &reader)
        tags = try fields.read("tags", from: &reader)
        lines = try fields.read("lines", from: &reader)
        try fields.finish(&reader)
    }
}

/// Has the same fields without it.
struct PlainItem: Codable {
    var id: Int
    var note: String?
    var tags: [String: Int]
    var lines: [Int]
}

/// An enum with the fast path, as `@Wire` writes it.
indirect enum Move: WireCodable {
    case stay
    case step(by: Int?, Bool)
    case then([Move])

    func write(to writer: inout WireWriter) throws {
        switch self {
        case .stay:
            try writer.writeCase("stay", 0) { _ in }
        case .step(let v0, let v1):
            try writer.writeCase("step", 1 + (v0 == nil ? 0 : 1)) { writer in
                try writer.writeField("_1", v1)
                try writer.writeField("by", v0)
            }
        case .then(let v0):
            try writer.writeCase("then", 1) { writer in
                try writer.writeField("_0", v0)
            }
        }
    }

    init(wire reader: inout WireReader) throws {
        if try reader.takeCase("stay") {
            var fields = try reader.readFields()
            try fields.finish(&reader)
            reader.endCase()
            self = .stay
        } else if try reader.takeCase("step") {
            var fields = try reader.readFields()
            let v1 = try fields.read("_1", from: &reader, as: Bool.self)
            let v0 = try fields.read("by", from: &reader, as: Int?.self)
            try fields.finish(&reader)
            reader.endCase()
            self = .step(by: v0, v1)
        } else if try reader.takeCase("then") {
            var fields = try reader.readFields()
            let v0 = try fields.read("_0", from: &reader, as: [Move].self)
            try fields.finish(&reader)
            reader.endCase()
            self = .then(v0)
        } else {
            self = try reader.readThroughCodable()
        }
    }
}

/// The same cases without it.
indirect enum PlainMove: Codable {
    case stay
    case step(by: Int?, Bool)
    case then([PlainMove])
}
