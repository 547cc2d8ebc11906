import SwiftSyntax

extension Mistake {
    static func clock(_ token: TokenSyntax) -> Mistake {
        Mistake(
            "clock", at: token,
            "'\(token.text)' tells another time on every replica; use 'context.now', the time of the update")
    }

    static func uuid(_ token: TokenSyntax, isPlain: Bool) -> Mistake {
        let mistake = Mistake(
            "uuid", at: token, "'UUID()' differs on every replica; use 'context.uniqueID()'")
        return isPlain ? mistake.mended("use 'context.uniqueID()'", [(token, "context.uniqueID")]) : mistake
    }

    static func randomness(_ token: TokenSyntax) -> Mistake {
        Mistake(
            "randomness", at: token,
            "'\(token.text)' gives other numbers on every replica; use 'context.random'")
    }

    static func draw(_ token: TokenSyntax, in call: FunctionCallExprSyntax) -> Mistake {
        let mistake = Mistake(
            "draw", at: token,
            "'\(token.text)' draws other numbers on every replica; draw them from 'context.random'")
        guard let parenthesis = call.rightParen else { return mistake }
        let separator = call.arguments.isEmpty ? "" : ", "
        let ending = "\(separator)using: &context.random)"
        return mistake.mended("draw from 'context.random'", [(parenthesis, ending)])
    }

    static func hash(_ token: TokenSyntax) -> Mistake {
        Mistake(
            "hash", at: token,
            "'\(token.text)' gives other values in every process; compute the value from what is hashed")
    }

    static func concurrent(_ token: TokenSyntax) -> Mistake {
        Mistake(
            "concurrent", at: token,
            "'\(token.text)' runs outside the order of the updates; do this outside the actor, and send "
                + "what comes of it with an update")
    }

    static func lock(_ token: TokenSyntax) -> Mistake {
        Mistake(
            "lock", at: token,
            "'\(token.text)' has no use here, since the updates run one after the other, and waiting holds up "
                + "every group of the node; remove it")
    }

    static func machine(_ token: TokenSyntax) -> Mistake {
        Mistake(
            "machine", at: token,
            "'\(token.text)' differs from machine to machine; read it outside the actor, and pass it as an argument")
    }

    static func unordered(
        _ collection: ExprSyntax, _ value: UnorderedValue, at node: some SyntaxProtocol, canSort: Bool = true
    ) -> Mistake {
        let text = collection.trimmedDescription
        let mistake = Mistake(
            "unordered", at: node,
            "the order of '\(text)' differs on every replica; sort it, or write "
                + "'\(collection.inAnyOrder)' if the order does not matter")
        guard canSort, let sorting = value.sorting, let last = collection.lastToken(viewMode: .sourceAccurate)
        else { return mistake }
        return mistake.mended("sort it", [(last, last.text + sorting)])
    }

    /// The same in the initial state; nil of what does no harm there.
    var inInitialState: Mistake? {
        guard ["clock", "draw", "hash", "randomness", "uuid"].contains(message.name) else { return nil }
        return Mistake(
            "initial-state", at: node,
            "'\(node.trimmedDescription)' makes the initial state of the replicas differ; set this with an update")
    }

    /// The same in a migration, which has no context to go by.
    var inMigration: Mistake {
        guard inInitialState != nil else { return self }
        return Mistake(
            "migrated-state", at: node,
            "'\(node.trimmedDescription)' makes the replicas differ that are migrated; set this with an update")
    }

    static func ties(_ token: TokenSyntax) -> Mistake {
        Mistake(
            "ties", at: token,
            "'\(token.text)' gives elements with equal values in another order on every replica; compare their keys, too"
        )
    }

    static func closure(_ type: TypeSyntax, of variable: VariableDeclSyntax) -> Mistake {
        let first = variable.modifiers.first?.name ?? variable.bindingSpecifier
        return Mistake(
            "closure", at: type,
            "a closure cannot be the same on every replica; store what it is made from, or mark the property "
                + "'@Local'"
        ).mended("insert '@Local'", [(first, "@Local \(first.text)")])
    }
}

extension ExprSyntax {
    /// The expression as one writes it to say that its order does not matter.
    fileprivate var inAnyOrder: String {
        if let access = self.as(MemberAccessExprSyntax.self), let base = access.base,
            ["keys", "lazy", "values"].contains(access.declName.baseName.text)
        {
            return "\(base.inAnyOrder).\(access.declName.baseName.text)"
        }
        return "\(trimmedDescription).anyOrder"
    }
}

extension TypeSyntax {
    /// True of function types, also optional ones.
    var isClosure: Bool {
        if self.is(FunctionTypeSyntax.self) { return true }
        if let attributed = self.as(AttributedTypeSyntax.self) { return attributed.baseType.isClosure }
        if let optional = self.as(OptionalTypeSyntax.self) { return optional.wrappedType.isClosure }
        guard let tuple = self.as(TupleTypeSyntax.self), tuple.elements.count == 1 else { return false }
        return tuple.elements.first?.type.isClosure ?? false
    }
}
