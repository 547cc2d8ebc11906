extension ActorDescription {
    /// The type through which a condition asks this node's replica.
    var queriesMember: String {
        let properties = methods.flatMap(\.elements).filter(\.isProperty).map(\.name.withoutBackticks)
        let replica = "replica".avoiding(properties)
        let head = """
            private let \(replica): Lockstep.QueriedReplica<\(name)>

            /// Makes what asks a replica.
            \(access)init(_ replica: Lockstep.QueriedReplica<\(name)>) { self.\(replica) = replica }
            """
        let body = [head] + methods.flatMap { $0.lines { $0.isQuery ? ["", $0.queryMethod(of: replica)] : [] } }
        return """
            /// The queries of ``\(name.withoutBackticks)``, as a condition asks this node's replica.
            \(body.inBraces(after: "\(access)struct Queries: Lockstep.ReplicaQueries"))
            """
    }
}

extension MethodDescription {
    fileprivate func queryMethod(of replica: String) -> String {
        // The user may have a parameter of the closure's name.
        let actor = "actor".avoiding(parameters.map(\.name))
        let effects = canThrow ? "throws" : ""
        return declaring(
            "\(canThrow ? "try " : "")self.\(replica).ask { \(actor) in "
                + "\(invocation(on: actor, with: parameters.map(\.name))) }",
            effects: effects, returning: result, summary: "/// Asks for `\(fullName)`.")
    }
}
