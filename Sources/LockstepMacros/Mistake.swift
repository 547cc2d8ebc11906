import SwiftDiagnostics
import SwiftSyntax

/// An error in the use of a macro: what is wrong, what to do, and the edit that does it where there is one.
struct Mistake {
    /// The node that the error points at.
    let node: Syntax
    let message: Message
    var fixIt: FixIt?

    /// What the compiler prints.
    struct Message: DiagnosticMessage, FixItMessage {
        let name: String
        let message: String

        var severity: DiagnosticSeverity { .error }
        var diagnosticID: MessageID { MessageID(domain: "Lockstep", id: name) }
        var fixItID: MessageID { diagnosticID }
    }

    init(_ name: String, at node: some SyntaxProtocol, _ message: String) {
        self.node = Syntax(node)
        self.message = Message(name: name, message: message)
    }

    /// The mistake with an edit that mends it: a new text for each of some tokens.
    func mended(_ message: String, _ edits: [(token: TokenSyntax, text: String)]) -> Mistake {
        var mistake = self
        let changes = edits.map { token, text in
            let mended = token.with(\.tokenKind, .identifier(text))
            // With the word goes the space after it.
            let new = text.isEmpty ? mended.with(\.trailingTrivia, []) : mended
            return FixIt.Change.replace(oldNode: Syntax(token), newNode: Syntax(new))
        }
        mistake.fixIt = FixIt(message: Message(name: self.message.name, message: message), changes: changes)
        return mistake
    }

    /// The mistake with an edit that takes an attribute away, and the space after it.
    func removing(_ attribute: AttributeSyntax) -> Mistake {
        var mistake = self
        let nothing = TokenSyntax.identifier("", leadingTrivia: attribute.leadingTrivia)
        let message = Message(name: message.name, message: "remove '\(attribute.trimmedDescription)'")
        let change = FixIt.Change.replace(oldNode: Syntax(attribute), newNode: Syntax(nothing))
        mistake.fixIt = FixIt(message: message, changes: [change])
        return mistake
    }
}

extension Diagnostic {
    init(_ mistake: Mistake) {
        self.init(node: mistake.node, message: mistake.message, fixIts: mistake.fixIt.map { [$0] } ?? [])
    }
}
