extension ActorSchema {
    /// Why members with these two schemas cannot be in one group, in words; nil if they can.
    ///
    /// A method that only one of them has is no difference: it can be called as soon as every member has it.
    func difference(from other: ActorSchema, here: String, there: String) -> String? {
        guard type == other.type else { return "it is \(type) on \(here), and \(other.type) on \(there)" }
        let others = Dictionary(other.methods.map { ($0.number, $0) }) { first, _ in first }
        for method in methods {
            guard let same = others[method.number], same != method else { continue }
            return method.difference(from: same, here: here, there: there)
        }
        return nil
    }
}

extension ActorSchema.Method {
    fileprivate func difference(from other: ActorSchema.Method, here: String, there: String) -> String {
        if name != other.name {
            return "\(name) on \(here) and \(other.name) on \(there) have the same number; rename one of them"
        }
        if isQuery != other.isQuery {
            return "\(name) is \(kind) on \(here), and \(other.kind) on \(there)"
        }
        return "\(name) is \(spelled) on \(here), and \(other.spelled) on \(there)"
    }

    private var kind: String { isQuery ? "a query" : "an update" }

    /// The types, such as `(Int, String) -> Int`.
    private var spelled: String {
        "(\(signature.dropLast().joined(separator: ", "))) -> \(signature.last ?? "Void")"
    }
}

/// The methods of a group that some members do not have, each with those members.
struct MissingMethods: Sendable, Hashable {
    private var members: [UInt32: [String]] = [:]

    /// Compares the schemas of all members.
    init(_ schemas: [(member: String, schema: ActorSchema)] = []) {
        let all = Set(schemas.flatMap { $0.schema.methods.map(\.number) })
        for (member, schema) in schemas {
            for number in all.subtracting(schema.methods.map(\.number)) { members[number, default: []].append(member) }
        }
    }

    var isEmpty: Bool { members.isEmpty }

    /// Throws if some member does not have a method.
    func check(_ method: UInt32, named name: String) throws(LockstepError) {
        guard let members = members[method] else { return }
        throw LockstepError(
            .notYet,
            """
            "\(name)" cannot be called yet, and was not: \(members.joined(separator: ", ")) runs a release without it. \
            Bring all members to one release.
            """
        )
    }
}
