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

    static func lazy(_ modifier: DeclModifierSyntax) -> Mistake {
        Mistake(
            "lazy", at: modifier,
            "a replicated actor cannot have a lazy property, since reading it would change one replica "
                + "and not the others; give it its value at once"
        ).mended("remove 'lazy'", [(modifier.name, "")])
    }

    static func distributedVariable(_ variable: VariableDeclSyntax) -> Mistake {
        let name = variable.names.first?.name.text ?? "value"
        let mistake = Mistake(
            "distributed-var", at: variable.bindingSpecifier,
            "a replicated actor cannot have a 'distributed var'; write '@Query distributed func \(name)()'")
        guard let edits = variable.editsToQuery else { return mistake }
        return mistake.mended("make it a query", edits)
    }
}

extension VariableDeclSyntax {
    /// The edits that make a method of a property that has a type and nothing but a getter without a keyword.
    fileprivate var editsToQuery: [(token: TokenSyntax, text: String)]? {
        guard let binding = bindings.first, bindings.count == 1,
            case .getter? = binding.accessorBlock?.accessors,
            binding.pattern.is(IdentifierPatternSyntax.self),
            let colon = binding.typeAnnotation?.colon,
            let modifier = modifiers.first(where: { $0.name.text == "distributed" })
        else { return nil }
        let mark = attributes.has("Query") ? "" : "@Query "
        return [
            (modifier.name, "\(mark)distributed"), (bindingSpecifier, "func"), (colon, "() ->"),
        ]
    }
}
