import SwiftSyntax

extension FunctionDeclSyntax {
    /// What keeps a distributed method from being replicated, of what the compiler allows.
    var mistake: Mistake? {
        if let async = signature.effectSpecifiers?.asyncSpecifier { return .asynchronous(async) }
        if let clause = genericParameterClause { return .generic(clause) }
        if let opaque = types.lazy.compactMap(\.opaqueType).first { return .opaque(opaque) }
        if let actor = attributes.first(named: "MainActor") { return .isolated(actor) }
        return types.lazy.flatMap(\.specifiers).first { $0.text == "sending" }.map(Mistake.sending)
    }

    /// True if the compiler has an error of its own for the method, to which the macro adds nothing.
    var isRefusedByCompiler: Bool {
        let parameters = signature.parameterClause.parameters
        return modifiers.contains { ["static", "class", "nonisolated", "mutating"].contains($0.name.text) }
            || genericWhereClause != nil && genericParameterClause == nil
            || parameters.contains { $0.ellipsis != nil } || types.contains(where: \.cannotBeEncoded)
            || signature.tokens(viewMode: .sourceAccurate).contains { $0.tokenKind == .keyword(.Self) }
            || Set(parameterNames).count < parameterNames.count
    }

    /// The names inside the method.
    private var parameterNames: [String] {
        signature.parameterClause.parameters.map { ($0.secondName ?? $0.firstName).text }.filter { $0 != "_" }
    }

    /// The types of the parameters and of the result.
    private var types: [TypeSyntax] {
        let result = signature.returnClause.map { [$0.type] } ?? []
        return signature.parameterClause.parameters.map(\.type) + result
    }
}

extension TypeSyntax {
    /// True of types, as far as spelling tells, that are not `Codable` or not passed by value.
    var cannotBeEncoded: Bool {
        if specifiers.contains(where: { $0.text != "sending" }) { return true }
        if let attributed = self.as(AttributedTypeSyntax.self) { return attributed.baseType.cannotBeEncoded }
        if let tuple = self.as(TupleTypeSyntax.self) { return tuple.elements.count > 1 }
        if let any = self.as(SomeOrAnyTypeSyntax.self) { return any.someOrAnySpecifier.text == "any" }
        return self.is(FunctionTypeSyntax.self)
    }

    /// The words before the type that say how a value is passed, such as `inout`.
    fileprivate var specifiers: [TokenSyntax] {
        let specifiers = self.as(AttributedTypeSyntax.self)?.specifiers ?? []
        return specifiers.compactMap { $0.as(SimpleTypeSpecifierSyntax.self)?.specifier }
    }

    /// The first `some` in the type.
    var opaqueType: SomeOrAnyTypeSyntax? {
        let finder = OpaqueTypeFinder(viewMode: .sourceAccurate)
        finder.walk(self)
        return finder.found
    }
}

/// Looks for `some` in a type.
private final class OpaqueTypeFinder: SyntaxVisitor {
    private(set) var found: SomeOrAnyTypeSyntax?

    override func visit(_ node: SomeOrAnyTypeSyntax) -> SyntaxVisitorContinueKind {
        if found == nil, node.someOrAnySpecifier.text == "some" { found = node }
        return .visitChildren
    }
}
