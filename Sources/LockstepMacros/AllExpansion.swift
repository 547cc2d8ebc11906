extension ActorDescription {
    /// The part of the handle whose calls return what every member says.
    var allMembers: String {
        face(
            "all", typed: "All",
            is: "The methods of the group, with what every member answers.",
            about: [
                "The methods of a group of ``\(name.withoutBackticks)`` that ask all members.", "",
                "Each returns the members' answers in rank order, with an error for who did not give one.",
            ]
        ) { $0.allMethod }
    }
}

extension MethodDescription {
    fileprivate var allMethod: String {
        calling(
            "askAll", returning: "[Lockstep.Answer<\(result ?? "Void")>]",
            summary: "/// Runs `\(fullName)` on every replica and returns what each says.")
    }
}
