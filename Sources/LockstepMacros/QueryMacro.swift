import SwiftSyntax
import SwiftSyntaxMacros

/// Marks a method that changes nothing.
struct QueryMacro: MarkerMacro {
    static func mistake(
        of attribute: AttributeSyntax, on declaration: DeclSyntax, isReplicated: Bool
    ) -> Mistake? {
        if let function = declaration.as(FunctionDeclSyntax.self) {
            if !isReplicated { return .queryOutsideActor(attribute) }
            return function.modifiers.contains("distributed") ? nil : .queryOnUndistributed(function)
        }
        // A `distributed var` is a query with or without the mark.
        let variable = declaration.as(VariableDeclSyntax.self)
        if isReplicated, variable?.modifiers.contains("distributed") == true { return nil }
        return .queryOnOther(attribute)
    }
}
