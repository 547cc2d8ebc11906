import SwiftSyntax

/// A `distributed var` that the compiler allows: one that is computed, and only read.
struct DistributedProperty {
    let variable: VariableDeclSyntax
    let name: TokenSyntax
    let type: TypeSyntax
    /// The getter, if it is spelled as one.
    let getter: AccessorDeclSyntax?

    init?(_ variable: VariableDeclSyntax) {
        guard let binding = variable.bindings.first, variable.bindings.count == 1, binding.isComputed,
            let name = binding.pattern.as(IdentifierPatternSyntax.self)?.identifier,
            let type = binding.typeAnnotation?.type
        else { return nil }
        switch binding.accessorBlock?.accessors {
        case .accessors(let accessors)?:
            guard let only = accessors.first, accessors.count == 1, only.accessorSpecifier.text == "get" else {
                return nil
            }
            getter = only
        default: getter = nil
        }
        (self.variable, self.name, self.type) = (variable, name, type)
    }

    /// What keeps it from being replicated, of what the compiler allows.
    var mistake: Mistake? {
        if let async = getter?.effectSpecifiers?.asyncSpecifier { return .asynchronous(async) }
        if let opaque = type.opaqueType { return .opaque(opaque) }
        return ["all", "group", "next", "pipeline"].contains(name.text.withoutBackticks) ? .takenByHandle(name) : nil
    }
}
