import SwiftSyntax

/// What the macro has read of an actor, and from which it writes the members.
struct ActorDescription {
    /// The name as spelled, perhaps in backticks.
    let name: String
    /// The access modifier of what the macro adds, with a space after it, or nothing.
    let access: String
    /// The release of the actor.
    let level: Int
    var methods: [Conditional<MethodDescription>] = []
    /// The stored properties that are replicated.
    var properties: [Conditional<PropertyDescription>] = []
    var migrations: [Conditional<MigrationDescription>] = []
    /// True if the user chose the actor system.
    var namesItsSystem = false
    /// True if the user has a `context` of another kind: the macro's is left out then.
    var namesItsContext = false
    /// The names of the macro's members that the user took.
    var takenNames: Set<Reserved> = []
    /// True if the user chose a system that does not replicate: then nothing fits.
    var hasOtherSystem = false
    /// True if an extension, which stands outside all types, cannot name the actor.
    var isOutOfReach = false

    init(_ declaration: ActorDeclSyntax, level: Int) {
        self.level = level
        name = declaration.name.text
        let modifier = declaration.modifiers.accessModifier ?? ""
        access = ["public", "package"].contains(modifier) ? "\(modifier) " : ""
    }

    /// True if the actor can conform: an extension reaches it, and it has every member that the macro adds.
    var canConform: Bool { takenNames.isEmpty && !isOutOfReach && !hasOtherSystem }

    /// The names of the members that the macro adds.
    enum Reserved: String {
        case unownedExecutor
        case schema
        case handle = "Handle"
        case deferred = "Deferred"
        case queries = "Queries"
        case deliver = "deliver(_:)"
        case hashState = "hashState(into:)"
        case writeState = "writeState(to:)"
        case readState = "readState(from:)"
    }
}

extension DeclModifierListSyntax {
    func contains(_ keyword: String) -> Bool { contains { $0.name.text == keyword } }

    var isStatic: Bool { contains("static") || contains("class") }

    /// The access modifier of a declaration, or nil if it has none.
    var accessModifier: String? {
        let modifiers = ["open", "public", "package", "internal", "fileprivate", "private"]
        // `private(set)` is about the setter.
        return first { $0.detail == nil && modifiers.contains($0.name.text) }?.name.text
    }
}
