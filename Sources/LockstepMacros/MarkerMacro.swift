import SwiftDiagnostics
import SwiftSyntax
import SwiftSyntaxMacros

/// A mark that `ReplicatedMacro` reads: by itself it only checks where it stands.
protocol MarkerMacro: PeerMacro {
    /// What is wrong with a mark; `isReplicated` says whether it stands right inside a replicated actor.
    static func mistake(of attribute: AttributeSyntax, on declaration: DeclSyntax, isReplicated: Bool) -> Mistake?
}

extension MarkerMacro {
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
}
