extension ActorDescription {
    /// The part of the handle whose calls do not wait for each other.
    var pipelineMembers: String {
        let type = pipelineName
        let group = """
            /// The group that is called.
            \(access)let group: Lockstep.Group<\(name)>
            """
        let body = [group] + methods.flatMap { $0.lines { $0.isQuery ? [] : ["", $0.pipelineMethod] } }
        return """
            /// The updates of the group, begun without waiting for the ones before.
            \(access)var pipeline: \(type) { \(type)(group: self.group) }

            /// The updates of a group of ``\(name.withoutBackticks)``, many of which may be on their way.
            ///
            /// Each returns when the call has its place in this node's order; the call tells the outcome.
            \(body.inBraces(after: "\(access)struct \(type): Sendable"))
            """
    }

    /// The name of the type, which must not hide one that the methods name.
    private var pipelineName: String {
        let words = methods.flatMap(\.elements).flatMap(\.namesInHeading)
        return "Pipeline".avoiding(words)
    }
}

extension MethodDescription {
    fileprivate var pipelineMethod: String {
        calling(
            "begin", returning: "Lockstep.Call<\(result ?? "Void")>",
            summary: "/// Begins `\(fullName)` on every replica.")
    }

    /// The words in the types and default values.
    fileprivate var namesInHeading: [String] {
        let code = signature + parameters.compactMap(\.defaultValue)
        return code.flatMap { $0.split { !$0.isLetter && !$0.isNumber && $0 != "_" } }.map(String.init)
    }
}
