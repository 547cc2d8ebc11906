import SwiftSyntax

extension Mistake {
    static func asynchronous(_ keyword: TokenSyntax) -> Mistake {
        Mistake(
            "async", at: keyword,
            "a method of a replicated actor cannot be 'async', since every replica must run it "
                + "without a break; remove 'async'"
        ).mended("remove 'async'", [(keyword, "")])
    }

    static func generic(_ clause: GenericParameterClauseSyntax) -> Mistake {
        Mistake(
            "generic", at: clause,
            "a method of a replicated actor cannot be generic, since its arguments are sent "
                + "without their types; write the types out")
    }

    static func opaque(_ type: SomeOrAnyTypeSyntax) -> Mistake {
        Mistake(
            "opaque", at: type,
            "a method of a replicated actor cannot have an opaque type, since its arguments and result "
                + "are sent without their types; name the type instead of '\(type.trimmedDescription)'")
    }

    static func sending(_ specifier: TokenSyntax) -> Mistake {
        Mistake(
            "sending", at: specifier,
            "a method of a replicated actor cannot say 'sending', which Swift 6.3 cannot compile "
                + "in a distributed method; remove it, since the types are 'Sendable' anyway"
        ).mended("remove 'sending'", [(specifier, "")])
    }

    static func isolated(_ attribute: AttributeSyntax) -> Mistake {
        let name = attribute.trimmedDescription
        return Mistake(
            "isolated", at: attribute,
            "a method of a replicated actor runs in the actor's own isolation; remove '\(name)'"
        ).removing(attribute)
    }

    static func overload(_ method: MethodDescription, place: String, at token: TokenSyntax) -> Mistake {
        Mistake(
            "overload", at: token,
            "'\(method.fullName)' has the full name and the parameters of the method\(place), and replicated "
                + "methods are told apart by them; give one of them another label")
    }

    static func takenByHandle(_ name: TokenSyntax) -> Mistake {
        Mistake(
            "taken-by-handle", at: name,
            "the handle of a replicated actor has a '\(name.text.withoutBackticks)' of its own; rename this property")
    }

    static func sameNumber(
        _ method: MethodDescription, as first: MethodDescription, place: String, at token: TokenSyntax
    ) -> Mistake {
        Mistake(
            "same-number", at: token,
            "'\(method.fullName)' has the same number, \(method.number), as '\(first.fullName)'\(place); "
                + "rename one of them")
    }
}
