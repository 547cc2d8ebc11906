extension ActorDescription {
    /// The part of the handle whose calls do not wait for each other.
    var pipelineMembers: String {
        face(
            "pipeline", typed: "Pipeline",
            is: "The updates of the group, begun without waiting for the ones before.",
            about: [
                "The updates of a group of ``\(name.withoutBackticks)``, many of which may be on their way.", "",
                "Each returns when the call has its place in this node's order; the call tells the outcome.",
            ]
        ) { $0.kind == .update ? $0.pipelineMethod : nil }
    }
}

extension MethodDescription {
    fileprivate var pipelineMethod: String {
        calling(
            "begin", returning: "Lockstep.Call<\(result ?? "Void")>",
            summary: "/// Begins `\(fullName)` on every replica.")
    }
}
