import SwiftSyntax

extension Mistake {
    static func notStructOrEnum(_ attribute: AttributeSyntax) -> Mistake {
        Mistake("wire-kind", at: attribute, "'@Wire' can only mark a struct or an enum; remove it").removing(attribute)
    }

    static func privateWire(_ modifier: TokenSyntax) -> Mistake {
        Mistake(
            "wire-private", at: modifier,
            "a type with '@Wire' inside another declaration cannot be 'private', since its extension could not "
                + "reach it; write 'fileprivate'"
        ).mended("replace with 'fileprivate'", [(modifier, "fileprivate")])
    }

    static func ownEncoding(_ token: TokenSyntax, _ name: String) -> Mistake {
        Mistake(
            "wire-codable", at: token,
            "'@Wire' writes what a synthesized 'Codable' would, and '\(name)' may not; remove it or '@Wire'")
    }

    static func takenByWire(_ token: TokenSyntax, _ name: String) -> Mistake {
        Mistake("wire-taken", at: token, "'@Wire' adds '\(name)' to the type; remove or rename this one")
    }

    static func conditionalWire(_ conditional: IfConfigDeclSyntax) -> Mistake {
        Mistake(
            "wire-condition", at: conditional.clauses.first?.poundKeyword ?? conditional.poundEndif,
            "'@Wire' cannot put an '#if' around what is encoded; move it around the whole type")
    }

    static func notCodable(_ parameter: TokenSyntax) -> Mistake {
        Mistake(
            "wire-generic", at: parameter,
            "'@Wire' needs a generic parameter that is 'Codable'; write '\(parameter.text): Codable'"
        ).mended("insert ': Codable'", [(parameter, "\(parameter.text): Codable")])
    }

    static func propertyWrapper(_ attribute: AttributeSyntax) -> Mistake {
        Mistake(
            "wire-wrapper", at: attribute,
            "'@Wire' cannot see what a property wrapper stores; remove '\(attribute.trimmedDescription)' or '@Wire'"
        ).removing(attribute)
    }

    static func keysOfCases(_ name: TokenSyntax) -> Mistake {
        Mistake(
            "wire-keys", at: name, "'@Wire' names cases as they are declared; remove '\(name.text)' or '@Wire'")
    }
}
