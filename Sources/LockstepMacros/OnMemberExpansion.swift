extension ActorDescription {
    /// The part of the handle whose calls run at one member.
    var onMemberMembers: String {
        let elements = methods.flatMap(\.elements)
        // The type must not hide one that the methods name.
        let type = "OnMember".avoiding(elements.flatMap(\.namesInHeading))
        let target = "target".avoiding(elements.filter(\.isProperty).map(\.name.withoutBackticks))
        let head = """
            fileprivate let \(target): Lockstep.GroupMember<\(name)>
            """
        let body =
            [head]
            + methods.flatMap { $0.lines { $0.kind == .update ? [] : ["", $0.onMemberMethod(of: target)] } }
        return """
            /// The queries and direct methods of the group, at one member alone.
            \(access)func on(_ member: Lockstep.View.Member) -> \(type) { \(type)(\(target): self.group.on(member)) }

            /// The same at the replica behind this node's own in rank, and behind the last one at the first; nil if there is
            /// no other.
            \(access)var next: \(type)? { self.group.next.map { \(type)(\(target): $0) } }

            /// The methods of a group of ``\(name.withoutBackticks)`` that run at one member.
            ///
            /// ``Lockstep/GroupMember`` says what their errors mean.
            \(body.inBraces(after: "\(access)struct \(type): Sendable"))
            """
    }
}

extension MethodDescription {
    fileprivate func onMemberMethod(of target: String) -> String {
        encoding(
            for: "await self.\(target).ask", effects: "async throws", returning: result,
            summary: isQuery ? "/// Asks the member for `\(fullName)`." : "/// Runs `\(fullName)` at the member.")
    }
}
