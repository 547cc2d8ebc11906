extension WireType {
    /// The source of the members.
    var members: [String] {
        let (writing, reading, describing) =
            switch shape {
            case .fields(let fields): (fields.writing, fields.reading, fields.describing)
            case .rawValue(let cases):
                (["try writer.write(self.rawValue)"], ["self = try reader.readRawValue()"], cases.describingRawValues)
            case .cases(let cases): (cases.writing, cases.reading, cases.describing)
            }
        return [
            """
            /// Writes the value as `Codable` does.
            \(writing.inBraces(after: "\(access)func write(to writer: inout Lockstep.WireWriter) throws"))
            """,
            """
            /// Reads what `Codable` reads.
            \(reading.inBraces(after: "\(access)init(wire reader: inout Lockstep.WireReader) throws"))
            """,
            """
            /// Says what is written, for members to compare.
            \(describing.inBraces(after: "\(access)static func describe(to description: inout Lockstep.TypeDescription)"))
            """,
        ]
    }
}

// MARK: - Structs

extension [WireField] {
    fileprivate var writing: [String] { calls("writeFields") { "self.\($0.name ?? "")" } }

    /// All properties are set at the end, where nothing can throw any more: otherwise the compiler copies what it has
    /// so far.
    fileprivate var reading: [String] {
        // `Codable` asks nothing of what has no fields.
        if isEmpty { return ["self = try reader.readThroughCodable()"] }
        let read = filter(\.isRead)
        return readingFields(read.inOrder) { "as: Lockstep.WireFields.type(of: \\Self.\($0.name ?? ""))" }
            + read.map { "self.\($0.name ?? "") = v\($0.index)" }
    }
}

extension [WireField] {
    fileprivate var describing: [String] {
        filter(\.isRead).map { field in
            "description.addField(\(field.key.quoted), Lockstep.WireFields.type(of: \\Self.\(field.name ?? "")))"
        }
    }
}

// MARK: - Enums

extension [WireCase] {
    fileprivate var writing: [String] {
        let cases = flatMap { element in
            let values = element.fields.map { "let v\($0.index)" }.joined(separator: ", ")
            let pattern = "case .\(element.name)\(values.isEmpty ? "" : "(\(values))"):"
            let key = element.name.withoutBackticks.quoted
            return [pattern] + element.fields.calls("writeCase", key) { "v\($0.index)" }.map(\.indented)
        }
        return ["switch self {"] + cases + ["}"]
    }

    fileprivate var reading: [String] {
        let branches = map { element in
            let values = element.fields.map { field in
                field.name.map { "\($0): v\(field.index)" } ?? "v\(field.index)"
            }
            let value = values.isEmpty ? element.name : "\(element.name)(\(values.joined(separator: ", ")))"
            let body =
                readingFields(element.fields.inOrder) { "as: (\($0.type ?? "")).self" }
                + ["reader.endCase()", "self = .\(value)"]
            return body.inBraces(after: "if try reader.takeCase(\(element.name.withoutBackticks.quoted))")
        }
        let rest = ["self = try reader.readThroughCodable()"]
        return branches.isEmpty ? rest : [branches.joined(separator: " else ") + rest.inBraces(after: " else")]
    }
}

extension [WireCase] {
    fileprivate var describing: [String] {
        flatMap { element in
            let fields = element.fields.map { "$0.addField(\($0.key.quoted), (\($0.type ?? "")).self)" }
            let call = "description.addCase(\(element.name.withoutBackticks.quoted))"
            return fields.isEmpty ? ["\(call) { _ in }"] : [fields.inBraces(after: call)]
        }
    }

    fileprivate var describingRawValues: [String] {
        let values = map { "Self.\($0.name).rawValue" }.joined(separator: ", ")
        return ["description.addRawValues([\(values)])"]
    }
}

// MARK: - Fields

extension [WireField] {
    /// A call of the writer that writes the fields.
    fileprivate func calls(_ method: String, _ argument: String? = nil, _ value: (WireField) -> String) -> [String] {
        let variable = compactMap { field -> String? in
            switch field.presence {
            case .always: nil
            case .optional: "(\(value(field)) == nil ? 0 : 1)"
            case .unknown: "Lockstep.WireFields.count(\(value(field)))"
            }
        }
        let count = ["\(count - variable.count)"] + variable
        let arguments = [argument, count.joined(separator: " + ")].compactMap(\.self).joined(separator: ", ")
        let body = inOrder.map { field in
            "try writer.writeField(\(field.key.quoted), \(value(field)))"
        }
        let call = "try writer.\(method)(\(arguments))"
        return isEmpty ? ["\(call) { _ in }"] : ["\(call) { writer in"] + body.map(\.indented) + ["}"]
    }
}

/// The statements that read fields into variables.
private func readingFields(_ fields: [WireField], _ type: (WireField) -> String) -> [String] {
    let body = fields.map { field in
        "let v\(field.index) = try fields.read(\(field.key.quoted), from: &reader, \(type(field)))"
    }
    return ["var fields = try reader.readFields()"] + body + ["try fields.finish(&reader)"]
}
