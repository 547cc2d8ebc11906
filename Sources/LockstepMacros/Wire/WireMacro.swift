import SwiftDiagnostics
import SwiftSyntax
import SwiftSyntaxBuilder
import SwiftSyntaxMacros

/// Adds to a struct or an enum what writes and reads it without `Codable` in between.
struct WireMacro {}

// What goes into the body sees the types as they are spelled there, and so do the values of cases. An initializer in
// the body of a struct would take its memberwise one away: a struct has everything in the extension.

extension WireMacro: MemberMacro {
    /// The members come formatted.
    static var formatMode: FormatMode { .disabled }

    static func expansion(
        of node: AttributeSyntax,
        providingMembersOf declaration: some DeclGroupSyntax,
        conformingTo protocols: [TypeSyntax],
        in context: some MacroExpansionContext
    ) throws -> [DeclSyntax] {
        guard !declaration.is(StructDeclSyntax.self), !node.isRepeated(in: declaration.attributes, context) else {
            return []
        }
        let reader = WireTypeReader(declaration, attribute: node, isNested: !context.lexicalContext.isEmpty)
        return reader.type?.members.map { DeclSyntax("\(raw: $0)") } ?? []
    }
}

extension WireMacro: ExtensionMacro {
    static func expansion(
        of node: AttributeSyntax,
        attachedTo declaration: some DeclGroupSyntax,
        providingExtensionsOf type: some TypeSyntaxProtocol,
        conformingTo protocols: [TypeSyntax],
        in context: some MacroExpansionContext
    ) throws -> [ExtensionDeclSyntax] {
        if node.isRepeated(in: declaration.attributes, context) {
            context.diagnose(Diagnostic(.twice(node)))
            return []
        }
        let reader = WireTypeReader(declaration, attribute: node, isNested: !context.lexicalContext.isEmpty)
        reader.mistakes.map(Diagnostic.init).forEach(context.diagnose)
        guard let read = reader.type, !protocols.isEmpty else { return [] }
        let heading = "extension \(type.trimmed): Lockstep.WireWritable, Lockstep.WireReadable, Lockstep.WireDescribed"
        let members = declaration.is(StructDeclSyntax.self) ? [read.members.joined(separator: "\n\n")] : []
        return [try ExtensionDeclSyntax("\(raw: members.inBraces(after: heading))")]
    }
}
