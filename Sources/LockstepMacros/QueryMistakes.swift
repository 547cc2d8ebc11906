import SwiftSyntax

extension Mistake {
    static func queryOutsideActor(_ attribute: AttributeSyntax) -> Mistake {
        Mistake(
            "query-outside", at: attribute,
            "'@Query' can only mark a method inside the braces of a '@Replicated distributed actor'; "
                + "remove it or move the method there"
        ).removing(attribute)
    }

    static func queryOnUndistributed(_ function: FunctionDeclSyntax) -> Mistake {
        Mistake(
            "query-undistributed", at: function.funcKeyword,
            "'@Query' needs a distributed method; write 'distributed func \(function.name.text)'"
        ).mended("insert 'distributed'", [(function.funcKeyword, "distributed func")])
    }

    static func queryOnOther(_ attribute: AttributeSyntax) -> Mistake {
        Mistake(
            "query-other", at: attribute,
            "'@Query' can only mark a 'distributed func'; make a method of this or remove '@Query'"
        ).removing(attribute)
    }

    static func effect(_ token: TokenSyntax, inMarked mark: String) -> Mistake {
        let kind = mark == "Direct" ? "direct method" : "query"
        return Mistake(
            "query-effect", at: token,
            "'\(token.text)' leaves something in the state of every replica, and a \(kind) runs on one; remove "
                + "'@\(mark)' or leave it in an update")
    }
}
