import SwiftSyntax

extension Mistake {
    static func notDistributedActor(_ declaration: some DeclGroupSyntax, attribute: AttributeSyntax)
        -> Mistake
    {
        guard let actor = declaration.as(ActorDeclSyntax.self) else {
            return Mistake(
                "not-an-actor", at: attribute,
                "'@Replicated' can only mark a distributed actor; declare this type as 'distributed actor'")
        }
        let keyword = actor.actorKeyword
        return Mistake(
            "not-distributed", at: keyword,
            "'@Replicated' needs a distributed actor; write 'distributed actor \(actor.name.text)'"
        ).mended("insert 'distributed'", [(keyword, "distributed actor")])
    }

    static func privateActor(_ modifier: TokenSyntax) -> Mistake {
        Mistake(
            "private-actor", at: modifier,
            "a replicated actor inside another declaration cannot be 'private', since its extension "
                + "could not reach it; write 'fileprivate'"
        ).mended("replace with 'fileprivate'", [(modifier, "fileprivate")])
    }

    static func taken(_ name: ActorDescription.Reserved, at token: TokenSyntax) -> Mistake {
        Mistake(
            "taken-name", at: token,
            "'@Replicated' adds '\(name.rawValue)' to the actor; remove or rename this one")
    }

    static func otherSystem(_ type: TypeSyntax) -> Mistake {
        let mistake = Mistake(
            "other-system", at: type,
            "a replicated actor belongs to 'LockstepSystem', which '@Replicated' says; remove this")
        guard let first = type.firstToken(viewMode: .sourceAccurate) else { return mistake }
        let rest = type.tokens(viewMode: .sourceAccurate).dropFirst().map { ($0, "") }
        return mistake.mended("replace with 'LockstepSystem'", [(first, "LockstepSystem")] + rest)
    }

    static func twice(_ attribute: AttributeSyntax) -> Mistake {
        Mistake("twice", at: attribute, "'\(attribute.trimmedDescription)' is a second mark of its kind; remove it")
            .removing(attribute)
    }

    static func lazy(_ modifier: DeclModifierSyntax) -> Mistake {
        Mistake(
            "lazy", at: modifier,
            "a replicated actor cannot have a lazy property, since reading it would change one replica "
                + "and not the others; give it its value at once"
        ).mended("remove 'lazy'", [(modifier.name, "")])
    }
}
