extension ActorDescription {
    /// The source of the members that the user did not write.
    var members: [String] {
        var members: [String] = []
        if !namesItsSystem { members.append(systemMember) }
        if !takenNames.contains(.unownedExecutor) { members.append(executorMember) }
        if !namesItsContext { members.append(contextMember) }
        if !takenNames.contains(.schema) { members.append(schemaMember) }
        if !takenNames.contains(.deliver) { members.append(deliverMember) }
        if !takenNames.contains(.hashState) { members.append(hashStateMember) }
        if !takenNames.contains(.writeState) { members.append(writeStateMember) }
        if !takenNames.contains(.readState) { members.append(readStateMember) }
        if canConform { members += [handleMember, deferredMember] }
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
        let body = methods.contains(where: \.isBranching) ? schemaStatements : [schemaExpression]
        return """
            /// The methods, which must be the same on every member of a group.
            \(body.inBraces(after: "\(access)static var schema: Lockstep.ActorSchema"))
            """
    }

    private var schemaExpression: String {
        let items = methods.flatMap { $0.lines { ["\($0.schemaItem),"] } }.joined(separator: "\n")
        let list = items.isEmpty ? "[]" : "[\n\(items.indented)\n]"
        return "Lockstep.ActorSchema(type: \"\\(Self.self)\", methods: \(list))"
    }

    /// The schema of an actor with `#if`, which cannot stand inside a list.
    private var schemaStatements: [String] {
        ["var methods: [Lockstep.ActorSchema.Method] = []"]
            + methods.flatMap { $0.lines { ["methods.append(\($0.schemaItem))"] } }
            + ["return Lockstep.ActorSchema(type: \"\\(Self.self)\", methods: methods)"]
    }
}

extension MethodDescription {
    fileprivate var schemaItem: String {
        let types = signature.map(\.quoted).joined(separator: ", ")
        return
            ".init(number: \(number), name: \(fullName.quoted), isQuery: \(isQuery), signature: [\(types)])"
    }
}
