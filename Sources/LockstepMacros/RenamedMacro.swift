import SwiftSyntax
import SwiftSyntaxMacros

/// Marks a method or a property that had another name in earlier releases.
struct RenamedMacro: MarkerMacro {
    static func mistake(
        of attribute: AttributeSyntax, on declaration: DeclSyntax, isReplicated: Bool
    ) -> Mistake? {
        guard isReplicated, declaration.hasNameInReleases else { return .renamedOther(attribute) }
        guard let literal = attribute.oldName, let old = literal.representedText, !old.isEmpty else {
            return .renamedFromUnknown(attribute)
        }
        guard let function = declaration.as(FunctionDeclSyntax.self) else {
            return old.contains("(") && !declaration.isDistributed ? .renamedFromUnknown(attribute) : nil
        }
        // A method keeps its arguments, so it had as many labels.
        let isFullName = old.contains("(") && old.contains(")")
        let labels = old.prefix { $0 != ")" }.filter { $0 == ":" }.count
        let count = function.signature.parameterClause.parameters.count
        return isFullName && labels == count ? nil : .renamedFromShort(literal, function)
    }
}

extension DeclSyntax {
    /// True of a distributed method or property.
    var isDistributed: Bool {
        let modifiers = self.as(VariableDeclSyntax.self)?.modifiers ?? self.as(FunctionDeclSyntax.self)?.modifiers
        return modifiers?.contains("distributed") == true
    }

    /// True of what calls or snapshots name.
    fileprivate var hasNameInReleases: Bool {
        guard let variable = self.as(VariableDeclSyntax.self) else { return isDistributed }
        let isReplicated = !variable.isComputed && !variable.modifiers.isStatic && !variable.attributes.has("Local")
        return variable.names.count == 1 && (isDistributed || isReplicated)
    }
}

extension AttributeSyntax {
    fileprivate var oldName: StringLiteralExprSyntax? {
        guard case .argumentList(let arguments)? = arguments, arguments.count == 1 else { return nil }
        return arguments.first?.expression.as(StringLiteralExprSyntax.self)
    }
}

extension StringLiteralExprSyntax {
    /// The text of a literal without interpolation.
    var representedText: String? {
        guard segments.count == 1 else { return nil }
        return segments.first?.as(StringSegmentSyntax.self)?.content.text
    }
}

extension AttributeListSyntax {
    /// The name that the declaration had in earlier releases, if it is marked.
    var renamedFrom: String? { first(named: "Renamed")?.oldName?.representedText }
}

extension Mistake {
    static func renamedOther(_ attribute: AttributeSyntax) -> Mistake {
        Mistake(
            "renamed-other", at: attribute,
            "'@Renamed' can only mark a distributed method or a replicated property of a '@Replicated distributed "
                + "actor'; remove it, or name the fields of a struct in its 'CodingKeys'"
        ).removing(attribute)
    }

    static func renamedFromUnknown(_ attribute: AttributeSyntax) -> Mistake {
        Mistake("renamed-unknown", at: attribute, "'@Renamed' needs the old name as a plain string literal")
    }

    static func renamedFromShort(_ literal: StringLiteralExprSyntax, _ function: FunctionDeclSyntax) -> Mistake {
        let base = literal.representedText?.prefix { $0 != "(" } ?? ""
        let name = base + function.fullName.drop { $0 != "(" }
        let mistake = Mistake(
            "renamed-short", at: literal,
            "'@Renamed' needs the old full name, with a label for each argument, such as '\(name)'")
        guard let text = literal.segments.first?.as(StringSegmentSyntax.self)?.content else { return mistake }
        return mistake.mended("write '\(name)'", [(text, String(name))])
    }

    static func sameLabel(_ property: PropertyDescription, at token: TokenSyntax) -> Mistake {
        Mistake(
            "same-label", at: token,
            "another property has the name \(property.label) in snapshots; rename one of them")
    }
}
