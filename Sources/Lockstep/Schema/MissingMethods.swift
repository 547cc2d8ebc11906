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
