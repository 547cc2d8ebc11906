extension ActorDescription {
    /// The dispatch of a delivered call by the number of its method.
    var deliverMember: String {
        let cases =
            methods.flatMap { $0.lines { [$0.deliverCase] } } + ["default:\n    call.rejectUnknownMethod()"]
        // Inside a deprecated method the call of another is no news.
        let isDeprecated = methods.contains { $0.elements.contains(where: \.isDeprecated) }
        let attribute = isDeprecated ? "@available(*, deprecated)\n" : ""
        let heading = "\(attribute)\(access)func deliver(_ call: inout Lockstep.Delivery)"
        let dispatch = "switch call.method {\n\(cases.joined(separator: "\n"))\n}"
        return """
            /// Runs the method that a delivered call names.
            \([dispatch].inBraces(after: heading))
            """
    }
}

extension MethodDescription {
    fileprivate var deliverCase: String {
        let statements =
            parameters.enumerated().map { index, parameter in "let a\(index): \(parameter.type)" }
            + admission + [decoding, "call.reply { \(invocation) }"]
        return "case \(number):  // \(fullName)\n\(statements.joined(separator: "\n").indented)"
    }

    /// The check of the group's level.
    private var admission: [String] {
        guard let since else { return [] }
        let level = "self.actorSystem.context.level"
        return ["guard call.admits(\(fullName.quoted), since: \(since), at: \(level)) else { return }"]
    }

    private var decoding: String {
        let statements =
            parameters.indices.map { "a\($0) = try call.argument()" } + ["try call.endOfArguments()"]
        return """
            \(statements.inBraces(after: "do")) catch {
                call.reject(error)
                return
            }
            """
    }

    private var invocation: String { invocation(on: "self", with: parameters.indices.map { "a\($0)" }) }

    /// The call of the method itself.
    func invocation(on actor: String, with values: [String]) -> String {
        let effect = canThrow ? "try " : ""
        if isProperty { return "\(effect)\(actor).\(name)" }
        let arguments = zip(parameters, values).map { parameter, value in
            parameter.label.map { "\($0): \(value)" } ?? value
        }
        return "\(effect)\(actor).\(name)(\(arguments.joined(separator: ", ")))"
    }
}
