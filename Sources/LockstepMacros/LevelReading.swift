import SwiftSyntax

extension AttributeSyntax {
    /// The level that the attribute names, as spelled.
    var spelledLevel: ExprSyntax? {
        guard case .argumentList(let arguments)? = arguments, arguments.count == 1 else { return nil }
        return arguments.first?.expression
    }

    /// The level that the attribute names, if it is spelled as a literal.
    var level: Int? {
        let literal = spelledLevel?.as(IntegerLiteralExprSyntax.self)?.literal.text
        return literal.flatMap { Int($0.filter { $0 != "_" }) }
    }

    /// What is wrong with the level, if it has to be read and is not `least` or more. The compiler itself refuses a literal
    /// of another kind.
    func levelMistake(from least: Int) -> Mistake? {
        if let level { return level >= least ? nil : .levelUnknown(self, from: least) }
        return spelledLevel?.isLiteralOfOtherKind == true ? nil : .levelUnknown(self, from: least)
    }
}

extension ExprSyntax {
    /// True if it is a literal that cannot be an integer.
    fileprivate var isLiteralOfOtherKind: Bool {
        switch kind {
        case .stringLiteralExpr, .booleanLiteralExpr, .floatLiteralExpr, .nilLiteralExpr, .arrayExpr, .dictionaryExpr,
            .regexLiteralExpr, .closureExpr:
            true
        default: false
        }
    }
}

extension Mistake {
    fileprivate static func levelUnknown(_ attribute: AttributeSyntax, from least: Int) -> Mistake {
        let name = attribute.attributeName.trimmedDescription
        return Mistake(
            "level-unknown", at: attribute.spelledLevel.map(Syntax.init) ?? Syntax(attribute),
            "'@\(name)' needs its level as an integer literal, from \(least) on")
    }

    /// - Parameter actor: The attribute of the actor.
    static func levelAbove(_ level: Int, _ attribute: AttributeSyntax, _ actor: AttributeSyntax) -> Mistake {
        let mistake = Mistake(
            "level-above", at: attribute.spelledLevel.map(Syntax.init) ?? Syntax(attribute),
            "level \(level) is above that of the actor, \(actor.level ?? 1); write '@Replicated(level: \(level))'")
        let literal = actor.spelledLevel?.as(IntegerLiteralExprSyntax.self)?.literal
        guard let token = literal ?? actor.attributeName.lastToken(viewMode: .sourceAccurate) else { return mistake }
        let text = literal == nil ? "Replicated(level: \(level))" : "\(level)"
        return mistake.mended("write '@Replicated(level: \(level))'", [(token, text)])
    }
}
