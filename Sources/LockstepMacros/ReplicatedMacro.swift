import SwiftDiagnostics
import SwiftSyntax
import SwiftSyntaxBuilder
import SwiftSyntaxMacros

/// Adds to a `distributed actor` what makes it replicated.
struct ReplicatedMacro {}

extension ReplicatedMacro: MemberMacro {
    /// The members come formatted.
    static var formatMode: FormatMode { .disabled }

    static func expansion(
        of node: AttributeSyntax,
        providingMembersOf declaration: some DeclGroupSyntax,
        conformingTo protocols: [TypeSyntax],
        in context: some MacroExpansionContext
    ) throws -> [DeclSyntax] {
        guard let actor = ActorDeclSyntax.distributed(declaration) else {
            context.diagnose(Diagnostic(.notDistributedActor(declaration, attribute: node)))
            return []
        }
        if node.isRepeated(in: actor.attributes, context) {
            context.diagnose(Diagnostic(.twice(node)))
            return []
        }
        let reader = ActorReader.reading(actor, marked: node, in: context)
        let mistakes = UpdateReader(actor).mistakes
        (reader.diagnostics + mistakes.map(Diagnostic.init)).forEach(context.diagnose)
        return reader.actor.members.map { DeclSyntax("\(raw: $0)") }
    }
}

extension ReplicatedMacro: ExtensionMacro {
    static func expansion(
        of node: AttributeSyntax,
        attachedTo declaration: some DeclGroupSyntax,
        providingExtensionsOf type: some TypeSyntaxProtocol,
        conformingTo protocols: [TypeSyntax],
        in context: some MacroExpansionContext
    ) throws -> [ExtensionDeclSyntax] {
        // What is wrong has been said by the member macro.
        guard let actor = ActorDeclSyntax.distributed(declaration), !protocols.isEmpty,
            !node.isRepeated(in: actor.attributes, context)
        else { return [] }
        guard ActorReader.reading(actor, marked: node, in: context).actor.canConform else { return [] }
        return [try ExtensionDeclSyntax("extension \(type.trimmed): Lockstep.ReplicatedActor {}")]
    }
}

extension ActorDeclSyntax {
    /// The declaration if it is a distributed actor.
    static func distributed(_ declaration: some DeclGroupSyntax) -> ActorDeclSyntax? {
        declaration.as(ActorDeclSyntax.self).flatMap { $0.modifiers.contains("distributed") ? $0 : nil }
    }
}

extension ActorReader {
    fileprivate static func reading(
        _ actor: ActorDeclSyntax, marked attribute: AttributeSyntax, in context: some MacroExpansionContext
    ) -> ActorReader {
        var reader = ActorReader(actor, marked: attribute, in: Surroundings(context)) { token in
            context.location(of: token, at: .afterLeadingTrivia, filePathMode: .filePath).map {
                SourcePlace(file: $0.file.trimmedDescription, line: $0.line.trimmedDescription)
            }
        }
        reader.read()
        return reader
    }
}
