extension ActorDescription {
    /// The source of the members that the user did not write.
    var members: [String] {
        if hasOtherSystem { return [] }
        var members: [String] = []
        if !namesItsSystem { members.append(systemMember) }
        if !takenNames.contains(.unownedExecutor) { members.append(executorMember) }
        if !namesItsContext { members.append(contextMember) }
        if !takenNames.contains(.schema) { members.append(schemaMember) }
        if !takenNames.contains(.deliver) { members.append(deliverMember) }
        if !takenNames.contains(.hashState) { members.append(hashStateMember) }
        if !takenNames.contains(.writeState) { members.append(writeStateMember) }
        if !takenNames.contains(.readState) { members.append(readStateMember) }
        if canConform { members += [handleMember, deferredMember, queriesMember] }
        return members
    }

    private var systemMember: String {
        """
        /// The system that replicates the actor.
        \(access)typealias ActorSystem = Lockstep.LockstepSystem
        """
    }

    private var executorMember: String {
        """
        /// The thread that runs the actor: the one that delivers its group's messages.
        nonisolated \(access)var unownedExecutor: UnownedSerialExecutor { self.actorSystem.unownedExecutor }
        """
    }

    private var contextMember: String {
        """
        /// The time, random numbers and identifiers of the update that runs, equal on every replica.
        \(access)var context: Lockstep.UpdateContext {
            get { self.actorSystem.context }
            set { self.actorSystem.context = newValue }
        }
        """
    }

    private var schemaMember: String {
        let items =
            methods.flatMap { $0.lines(\.schemaItem) } + properties.flatMap { $0.lines { [$0.schemaItem] } }
        let body =
            ["\(items.isEmpty ? "let" : "var") schema = Lockstep.SchemaBuilder(Self.self\(levelArgument))"] + items
            + ["return schema.schema"]
        return """
            /// The methods and properties, which must go together on every member of a group.
            \(body.inBraces(after: "\(access)static var schema: Lockstep.ActorSchema"))
            """
    }

    private var levelArgument: String { level == 1 ? "" : ", level: \(level)" }
}

extension MethodDescription {
    /// Of what is generated for a method, this has the error if its types are not `Sendable`.
    fileprivate var schemaItem: [String] {
        let types = signature.map { "(\($0)).self" }
        let parameters = types.dropLast().joined(separator: ", ")
        let thrown = failure.map { ", throwing: (\($0)).self" } ?? ""
        let renamed = oldName.map { ", renamedFrom: \($0.quoted)" } ?? ""
        let kind = kind == .update ? "" : ", kind: .\(kind.rawValue)"
        let code =
            "schema.add(\(number), \(fullName.quoted)\(renamed)\(kind), taking: [\(parameters)], "
            + "returning: \(types.last ?? "Void.self")\(thrown))"
        return place?.reporting(code) ?? [code]
    }
}

extension PropertyDescription {
    fileprivate var schemaItem: String {
        "schema.add(property: \(label)) { (actor: isolated Self) in actor.\(name) }"
    }
}
