import SwiftSyntax
import SwiftSyntaxMacros

/// Marks a stored property that is not replicated.
struct LocalMacro: MarkerMacro {
    static func mistake(
        of attribute: AttributeSyntax, on declaration: DeclSyntax, isReplicated: Bool
    ) -> Mistake? {
        guard let variable = declaration.as(VariableDeclSyntax.self) else { return .localOnOther(attribute) }
        if !isReplicated { return .localOutsideActor(attribute) }
        return variable.modifiers.isStatic || variable.isComputed ? .localWithoutState(attribute, variable) : nil
    }
}

extension Mistake {
    static func localOutsideActor(_ attribute: AttributeSyntax) -> Mistake {
        Mistake(
            "local-outside", at: attribute,
            "'@Local' can only mark a property inside the braces of a '@Replicated distributed actor'; remove it"
        ).removing(attribute)
    }

    static func localOnOther(_ attribute: AttributeSyntax) -> Mistake {
        Mistake("local-other", at: attribute, "'@Local' can only mark a stored property; remove it").removing(attribute)
    }

    static func localWithoutState(_ attribute: AttributeSyntax, _ variable: VariableDeclSyntax) -> Mistake {
        let kind = variable.modifiers.isStatic ? "static" : "computed"
        return Mistake(
            "local-\(kind)", at: attribute,
            "'@Local' can only mark a stored property, and a \(kind) one is not replicated anyway; remove it"
        ).removing(attribute)
    }
}
