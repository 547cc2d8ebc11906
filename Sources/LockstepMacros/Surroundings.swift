import SwiftSyntax
import SwiftSyntaxMacros

/// Where a declaration stands.
enum Surroundings {
    case file
    case type
    /// Inside code. The compiler itself refuses an extension there.
    case code

    init(_ context: some MacroExpansionContext) {
        let outer = context.lexicalContext
        self = outer.isEmpty ? .file : outer.allSatisfy { $0.isProtocol((any DeclGroupSyntax).self) } ? .type : .code
    }
}

extension AttributeSyntax {
    /// True if another attribute of the same name stands before this one.
    func isRepeated(in attributes: AttributeListSyntax, _ context: some MacroExpansionContext) -> Bool {
        let name = attributeName.trimmedDescription
        guard let first = attributes.first(named: name.split(separator: ".").last.map(String.init) ?? name) else {
            return false
        }
        return place(in: context) != first.place(in: context)
    }

    private func place(in context: some MacroExpansionContext) -> [String]? {
        context.location(of: self).map { [$0.line.trimmedDescription, $0.column.trimmedDescription] }
    }
}
