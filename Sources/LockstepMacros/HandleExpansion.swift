extension ActorDescription {
    /// The type through which a group is called.
    var handleMember: String {
        let group = """
            /// The group that is called.
            \(access)let group: Lockstep.Group<\(name)>

            /// Makes a handle for a group.
            \(access)init(_ group: Lockstep.Group<\(name)>) { self.group = group }
            """
        let body =
            [group] + methods.flatMap { $0.lines { $0.kind == .direct ? [] : ["", $0.handleMethod] } }
            + ["", pipelineMembers, "", allMembers, "", onMemberMembers]
        return """
            /// The typed way to call a group of ``\(name.withoutBackticks)``.
            \(body.inBraces(after: "\(access)struct Handle: Lockstep.ReplicatedHandle"))
            """
    }
}

extension MethodDescription {
    fileprivate var handleMethod: String {
        let summary = isQuery ? "Asks one replica for `\(fullName)`." : "Runs `\(fullName)` on every replica."
        let action = isQuery ? "query" : "update"
        return calling(action, returning: result, summary: "/// \(summary)")
    }

    /// A method of the same parameters that sends them to the group.
    func calling(_ action: String, returning result: String?, summary: String) -> String {
        encoding(
            for: "await self.group.\(action)", effects: "async throws", returning: result, summary: summary)
    }

    /// A method of the same parameters that encodes them for something.
    ///
    /// - Parameters:
    ///   - summary: What stands before a method that says nothing of itself.
    func encoding(
        for receiver: String, effects: String, returning result: String?, summary: String, attributes: [String] = []
    ) -> String {
        declaring(
            encode(for: receiver), effects: effects, returning: result, summary: summary, attributes: attributes)
    }

    /// A method of the same parameters with another body.
    func declaring(
        _ content: String, effects: String, returning result: String?, summary: String, attributes: [String] = []
    ) -> String {
        let isDocumented = preamble.contains { $0.hasPrefix("//") || $0.hasPrefix("/*") }
        let added = attributes.filter { !preamble.contains($0) }
        let returned = result.map { " -> \($0)" } ?? ""
        let lines = (isDocumented ? [] : [summary]) + preamble + added
        let body =
            isProperty
            ? [[content].inBraces(after: "get\(effects.afterSpace)")].inBraces(
                after: "\(access)\(isolation(effects))var \(name): \(result ?? "Void")")
            : [content].inBraces(after: "\(access)\(isolation(effects))\(heading)\(effects.afterSpace)\(returned)")
        return (lines + [body]).joined(separator: "\n")
    }

    private var heading: String {
        let list = parameters.map { parameter in
            let defaultValue = parameter.defaultValue.map { " = \($0)" } ?? ""
            return "\(parameter.heading): \(parameter.type)\(defaultValue)"
        }
        return "func \(name)(\(list.joined(separator: ", ")))"
    }

    /// Who waits stays where it is: to go elsewhere for each call takes longer than the call does.
    private func isolation(_ effects: String) -> String { effects.hasPrefix("async") ? "nonisolated(nonsending) " : "" }

    private func encode(for receiver: String) -> String {
        let send = "try \(receiver)(\(number))"
        if parameters.isEmpty { return "\(send) { _ in }" }
        // The user may have a parameter of the closure's name.
        let arguments = "call".avoiding(parameters.map(\.name))
        let body = ["\(arguments) in"] + parameters.map { "    try \(arguments).add(\($0.name))" }
        return "\(send) { \(body.joined(separator: "\n"))\n}"
    }
}
