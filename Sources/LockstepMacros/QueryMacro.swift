import SwiftDiagnostics
import SwiftSyntax
import SwiftSyntaxMacros

/// Marks a method for `ReplicatedMacro`, which reads the mark; by itself it only checks where it stands.
struct QueryMacro: PeerMacro {
    static func expansion(
        of node: AttributeSyntax,
        providingPeersOf declaration: some DeclSyntaxProtocol,
        in context: some MacroExpansionContext
    ) throws -> [DeclSyntax] {
        let actor = context.lexicalContext.first?.as(ActorDeclSyntax.self)
        let isReplicated = actor?.attributes.has("Replicated") == true
        if let mistake = mistake(of: node, on: DeclSyntax(declaration), isReplicated: isReplicated) {
            context.diagnose(Diagnostic(mistake))
        }
        return []
    }

    private static func mistake(
        of attribute: AttributeSyntax, on declaration: DeclSyntax, isReplicated: Bool
    ) -> Mistake? {
        if let function = declaration.as(FunctionDeclSyntax.self) {
            if !isReplicated { return .queryOutsideActor(attribute) }
            return function.modifiers.contains("distributed") ? nil : .queryOnUndistributed(function)
        }
        // A `distributed var` is a mistake with or without the mark, and `ReplicatedMacro` says so.
        let variable = declaration.as(VariableDeclSyntax.self)
        if isReplicated, variable?.modifiers.contains("distributed") == true { return nil }
        return .queryOnOther(attribute)
    }
}
