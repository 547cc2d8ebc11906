extension ActorDescription {
    /// The type through which an update leaves calls for later.
    var deferredMember: String {
        let outlet = """
            private let outlet: Lockstep.Outlet

            /// Makes what encodes the calls for an outlet.
            \(access)init(_ outlet: Lockstep.Outlet) { self.outlet = outlet }
            """
        let body = [outlet] + methods.flatMap { $0.lines { $0.kind == .update ? ["", $0.deferredMethod] : [] } }
        return """
            /// The updates of ``\(name.withoutBackticks)``, as an update leaves them for later.
            \(body.inBraces(after: "\(access)struct Deferred: Lockstep.DeferredCalls"))
            """
    }
}

extension MethodDescription {
    fileprivate var deferredMethod: String {
        encoding(
            for: "self.outlet.leave", effects: "throws", returning: "Lockstep.EffectID",
            summary: "/// Leaves a call of `\(fullName)`.", attributes: ["@discardableResult"])
    }
}
