import SwiftSyntax
import SwiftSyntaxMacros

/// Marks a method that runs at one member.
struct DirectMacro: MarkerMacro {
    static func mistake(
        of attribute: AttributeSyntax, on declaration: DeclSyntax, isReplicated: Bool
    ) -> Mistake? {
        guard let function = declaration.as(FunctionDeclSyntax.self) else { return .directOnOther(attribute) }
        if !isReplicated { return .directOutsideActor(attribute) }
        if !function.modifiers.contains("distributed") { return .directOnUndistributed(function) }
        return function.attributes.has("Query") ? .directQuery(attribute) : nil
    }
}

extension Mistake {
    static func directOutsideActor(_ attribute: AttributeSyntax) -> Mistake {
        Mistake(
            "direct-outside", at: attribute,
            "'@Direct' can only mark a method inside the braces of a '@Replicated distributed actor'; "
                + "remove it or move the method there"
        ).removing(attribute)
    }

    static func directOnUndistributed(_ function: FunctionDeclSyntax) -> Mistake {
        Mistake(
            "direct-undistributed", at: function.funcKeyword,
            "'@Direct' needs a distributed method; write 'distributed func \(function.name.text)'"
        ).mended("insert 'distributed'", [(function.funcKeyword, "distributed func")])
    }

    static func directOnOther(_ attribute: AttributeSyntax) -> Mistake {
        Mistake(
            "direct-other", at: attribute,
            "'@Direct' can only mark a 'distributed func'; make a method of this or remove '@Direct'"
        ).removing(attribute)
    }

    static func directQuery(_ attribute: AttributeSyntax) -> Mistake {
        Mistake(
            "direct-query", at: attribute,
            "a query can be asked of one member already, so it needs no '@Direct'; remove it, or '@Query' if the method "
                + "changes what is '@Local'"
        ).removing(attribute)
    }
}
