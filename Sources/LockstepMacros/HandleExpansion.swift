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
            [group] + methods.flatMap { $0.lines { ["", $0.handleMethod] } } + ["", pipelineMembers, "", allMembers]
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
        let lines =
            preamble.contains { $0.hasPrefix("//") || $0.hasPrefix("/*") } ? preamble : [summary] + preamble
        let body = [send(through: action)].inBraces(after: heading(returning: result))
        return (lines + [body]).joined(separator: "\n")
    }

    private func heading(returning result: String?) -> String {
        let list = parameters.map { parameter in
            let defaultValue = parameter.defaultValue.map { " = \($0)" } ?? ""
            return "\(parameter.heading): \(parameter.type)\(defaultValue)"
        }
        let returned = result.map { " -> \($0)" } ?? ""
        return "\(access)func \(name)(\(list.joined(separator: ", "))) async throws\(returned)"
    }

    private func send(through action: String) -> String {
        let send = "try await self.group.\(action)(\(number))"
        if parameters.isEmpty { return "\(send) { _ in }" }
        // The user may have a parameter of the closure's name.
        let arguments = "call".avoiding(parameters.map(\.name))
        let body = ["\(arguments) in"] + parameters.map { "    try \(arguments).add(\($0.name))" }
        return "\(send) { \(body.joined(separator: "\n"))\n}"
    }
}
