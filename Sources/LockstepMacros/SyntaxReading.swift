import SwiftSyntax
import SwiftSyntaxBuilder

extension AttributeListSyntax {
    /// True if an attribute of this name is there, with or without its module.
    func has(_ name: String) -> Bool { first(named: name) != nil }

    /// The first attribute of this name, with or without its module.
    func first(named name: String) -> AttributeSyntax? {
        lazy.compactMap { $0.as(AttributeSyntax.self) }.first { $0.isNamed(name) }
    }

    /// True if an attribute makes callers warn.
    var deprecate: Bool {
        compactMap { $0.as(AttributeSyntax.self) }
            .contains { $0.isNamed("available") && $0.arguments?.description.contains("deprecated") == true }
    }

    /// The attributes that mean for the caller of a handle what they mean for the caller of the method.
    var carriedOver: [String] {
        let names = ["available", "discardableResult", "warn_unqualified_access", "_spi"]
        return compactMap { $0.as(AttributeSyntax.self) }
            .filter { attribute in names.contains { attribute.isNamed($0) } }
            .map(\.trimmedDescription)
    }
}

extension AttributeSyntax {
    func isNamed(_ name: String) -> Bool {
        let spelled = attributeName.trimmedDescription
        return spelled == name || spelled == "Lockstep.\(name)"
    }
}

extension String {
    /// The identifier as an expression, where a keyword needs backticks that a label does without.
    var spelledAsExpression: String {
        let expression = ExprSyntax(stringLiteral: self).as(DeclReferenceExprSyntax.self)
        guard let expression, !expression.hasError else { return "`\(self)`" }
        return expression.baseName.tokenKind == .identifier(self) ? self : "`\(self)`"
    }

    /// The identifier as a label, where almost no keyword needs backticks and the compiler warns of them.
    var spelledAsLabel: String {
        let bare = withoutBackticks
        let isPlain = bare.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
        guard isPlain, bare.first?.isNumber == false else { return self }
        return !["inout", "let", "var"].contains(bare) ? bare : self
    }
}

extension TypeSyntax {
    var isVoid: Bool {
        ["Void", "Swift.Void", "()"].contains(trimmedDescription.filter { !$0.isWhitespace })
    }
}

extension Trivia {
    /// The doc comments, a line each.
    var documentation: [String] {
        compactMap { piece in
            switch piece {
            case .docLineComment(let text), .docBlockComment(let text): text
            default: nil
            }
        }
    }
}
