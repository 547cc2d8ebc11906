import SwiftSyntax
import SwiftSyntaxMacros

/// Marks a function that brings what an earlier release has saved to a level.
struct MigrationMacro: MarkerMacro {
    static func mistake(
        of attribute: AttributeSyntax, on declaration: DeclSyntax, isReplicated: Bool
    ) -> Mistake? {
        guard isReplicated, let function = declaration.as(FunctionDeclSyntax.self) else {
            return .migrationOther(attribute)
        }
        // The compiler itself refuses `class` in an actor.
        if function.modifiers.contains("class") { return nil }
        guard function.modifiers.contains("static") else { return .migrationNotStatic(function) }
        guard function.migratesState else { return .migrationSignature(function) }
        return attribute.levelMistake(from: 2)
    }
}

/// A function that is marked as a migration, and is one.
struct MigrationDescription {
    let attribute: AttributeSyntax
    let level: Int
    /// The name without arguments, as spelled.
    let name: String
    /// The full name, as a reference to the function spells it.
    let reference: String

    init?(_ function: FunctionDeclSyntax) {
        guard let attribute = function.attributes.first(named: "Migration"),
            MigrationMacro.mistake(of: attribute, on: DeclSyntax(function), isReplicated: true) == nil,
            function.modifiers.contains("static"),
            let level = attribute.level
        else { return nil }
        (self.attribute, self.level) = (attribute, level)
        name = function.name.text
        let label = function.signature.parameterClause.parameters.first?.firstName.text ?? "_"
        reference = "\(name)(\(label):)"
    }
}

extension FunctionDeclSyntax {
    /// True if the function takes saved properties to change, gives nothing back and does not wait.
    fileprivate var migratesState: Bool {
        let parameters = signature.parameterClause.parameters
        let type = parameters.first?.type.trimmedDescription ?? ""
        return parameters.count == 1 && ["inout SavedState", "inout Lockstep.SavedState"].contains(type)
            && genericParameterClause == nil && signature.effectSpecifiers?.asyncSpecifier == nil
            && signature.returnClause?.type.isVoid != false
    }
}

extension Mistake {
    static func migrationOther(_ attribute: AttributeSyntax) -> Mistake {
        Mistake(
            "migration-other", at: attribute,
            "'@Migration' can only mark a static function inside the braces of a '@Replicated distributed actor'; "
                + "remove it"
        ).removing(attribute)
    }

    static func migrationNotStatic(_ function: FunctionDeclSyntax) -> Mistake {
        let first = function.modifiers.first?.name ?? function.funcKeyword
        return Mistake(
            "migration-not-static", at: function.funcKeyword,
            "'@Migration' needs a static function, since it runs before the actor has its state; "
                + "write 'static func \(function.name.text)'"
        ).mended("insert 'static'", [(first, "static \(first.text)")])
    }

    static func migrationSignature(_ function: FunctionDeclSyntax) -> Mistake {
        Mistake(
            "migration-signature", at: function.signature,
            "'@Migration' needs a function that changes what was saved; "
                + "write 'static func \(function.name.text)(_ state: inout SavedState) throws'")
    }

    static func migrationOrder(_ migration: MigrationDescription) -> Mistake {
        Mistake(
            "migration-order", at: migration.attribute,
            "migrations run in the order of the source; move this one before those to levels above \(migration.level)")
    }
}
