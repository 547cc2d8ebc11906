extension ActorDescription {
    /// A part of the handle with methods of its own: a type, and a property that has it.
    func face(
        _ property: String, typed name: String, is summary: String, about: [String],
        _ method: (MethodDescription) -> String?
    ) -> String {
        let words = methods.flatMap(\.elements).flatMap(\.namesInHeading)
        // The type must not hide one that the methods name.
        let type = name.avoiding(words)
        let group = """
            /// The group that is called.
            \(access)let group: Lockstep.Group<\(self.name)>
            """
        let body = [group] + methods.flatMap { $0.lines { element in method(element).map { ["", $0] } ?? [] } }
        return """
            /// \(summary)
            \(access)var \(property): \(type) { \(type)(group: self.group) }

            \(about.map { $0.isEmpty ? "///" : "/// \($0)" }.joined(separator: "\n"))
            \(body.inBraces(after: "\(access)struct \(type): Sendable"))
            """
    }
}

extension MethodDescription {
    /// The words in the types and default values.
    var namesInHeading: [String] {
        let code = signature + parameters.compactMap(\.defaultValue)
        return code.flatMap { $0.split { !$0.isLetter && !$0.isNumber && $0 != "_" } }.map(String.init)
    }
}
