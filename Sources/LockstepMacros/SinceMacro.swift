import SwiftSyntax
import SwiftSyntaxMacros

/// Marks a method that may be called from a level of the group on.
struct SinceMacro: MarkerMacro {
    static func mistake(
        of attribute: AttributeSyntax, on declaration: DeclSyntax, isReplicated: Bool
    ) -> Mistake? {
        guard isReplicated, declaration.isDistributed else { return .sinceOther(attribute) }
        return attribute.levelMistake(from: 2)
    }
}

extension AttributeListSyntax {
    /// The level from which on the method may be called, if it is marked.
    var since: Int? { first(named: "Since")?.level }
}

extension Mistake {
    static func sinceOther(_ attribute: AttributeSyntax) -> Mistake {
        Mistake(
            "since-other", at: attribute,
            "'@Since' can only mark a distributed method of a '@Replicated distributed actor'; remove it"
        ).removing(attribute)
    }
}
