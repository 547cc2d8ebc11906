import SwiftSyntax

/// A `distributed func` of the actor, or a `distributed var`, which is a query without arguments.
struct MethodDescription {
    /// One parameter of the method.
    struct Parameter {
        /// The label as a call spells it, or nil if there is none.
        let label: String?
        /// The name inside the method as an expression spells it.
        let name: String
        /// The type as spelled.
        let type: String
        /// The default value as spelled.
        let defaultValue: String?
    }

    /// The name without arguments, as spelled.
    let name: String
    /// True of a `distributed var`.
    let isProperty: Bool
    /// The name and labels without backticks, such as `receive(_:of:)`; of a property, `total()`, as Swift calls it in a
    /// call.
    let fullName: String
    /// True if other methods of the actor have the same full name and take other types.
    let isOverloaded: Bool
    /// The full name and the types of the parameters, such as `receive(_:of:)(Int,String)`.
    let typedName: String
    /// The full name in earlier releases, if it was another one. It gives the number.
    let oldName: String?
    let number: MethodNumber
    let kind: Kind
    let canThrow: Bool
    /// The type of the errors as spelled, if it is.
    let failure: String?
    let parameters: [Parameter]
    /// The result type as spelled, or nil if there is none.
    let result: String?
    /// The doc comment and attributes, a line each.
    let preamble: [String]
    let isDeprecated: Bool
    /// The level of the group from which on it may be called, if not from the first.
    let since: Int?
    /// Where it is declared, if the compiler tells.
    let place: SourcePlace?
    /// The access modifier with a space after it, or nothing.
    let access: String

    init(_ function: FunctionDeclSyntax, at place: SourcePlace?, overloads: Set<String>) {
        self.place = place
        name = function.name.text
        isProperty = false
        fullName = function.fullName
        kind = function.attributes.has("Direct") ? .direct : function.attributes.has("Query") ? .query : .update
        let clause = function.signature.effectSpecifiers?.throwsClause
        (canThrow, failure) = (clause != nil, clause?.type?.trimmedDescription)
        parameters = function.signature.parameterClause.parameters.enumerated().map { index, parameter in
            Parameter(parameter, index: index)
        }
        typedName = "\(fullName)(\(parameters.map(\.type).joined(separator: ",")))"
        isOverloaded = overloads.contains(fullName)
        oldName = function.attributes.renamedFrom
        number = MethodNumber(of: oldName ?? (isOverloaded ? typedName : fullName))
        let returned = function.signature.returnClause?.type
        result = returned.flatMap { $0.isVoid ? nil : $0.trimmedDescription }
        preamble = function.leadingTrivia.documentation + function.attributes.carriedOver
        isDeprecated = function.attributes.deprecate
        since = function.attributes.since
        access = function.modifiers.accessInHandle
    }

    /// Describes a `distributed var`.
    init(_ property: DistributedProperty, at place: SourcePlace?) {
        self.place = place
        let variable = property.variable
        name = property.name.text
        isProperty = true
        fullName = "\(name.withoutBackticks)()"
        kind = .query
        let clause = property.getter?.effectSpecifiers?.throwsClause
        (canThrow, failure) = (clause != nil, clause?.type?.trimmedDescription)
        parameters = []
        typedName = "\(fullName)()"
        isOverloaded = false
        oldName = variable.attributes.renamedFrom.map { $0.hasSuffix(")") ? $0 : "\($0)()" }
        number = MethodNumber(of: oldName ?? fullName)
        result = property.type.trimmedDescription
        preamble = variable.leadingTrivia.documentation + variable.attributes.carriedOver
        isDeprecated = variable.attributes.deprecate
        since = variable.attributes.since
        access = variable.modifiers.accessInHandle
    }

    /// What calls of a method do.
    enum Kind: String {
        /// Marked `@Direct`: it runs at the member that is called.
        case direct
        /// Marked `@Query`, or a `distributed var`.
        case query
        case update
    }

    var isQuery: Bool { kind == .query }

    /// The types of the arguments and, last, of the result.
    var signature: [String] { parameters.map(\.type) + [result ?? "Void"] }
}

extension MethodDescription.Parameter {
    init(_ parameter: FunctionParameterSyntax, index: Int) {
        let inner = parameter.secondName ?? parameter.firstName
        label = parameter.firstName.text == "_" ? nil : parameter.firstName.text.spelledAsLabel
        name = inner.text == "_" ? "unnamed\(index)" : inner.text.spelledAsExpression
        type = parameter.type.trimmedDescription
        defaultValue = parameter.defaultValue?.value.trimmedDescription
    }

    /// The label and name as a parameter list spells them.
    var heading: String {
        switch label {
        case nil: "_ \(name)"
        case name, name.withoutBackticks: name
        case let label?: "\(label) \(name)"
        }
    }
}

extension DeclModifierListSyntax {
    /// The access modifier of a method of the handle. `private` would hide it there; the rest of the actor's file may
    /// call it.
    fileprivate var accessInHandle: String {
        accessModifier.map { $0 == "private" ? "fileprivate " : "\($0) " } ?? ""
    }
}

extension FunctionDeclSyntax {
    /// The name and labels without backticks.
    var fullName: String {
        let labels = signature.parameterClause.parameters.map { "\($0.firstName.text.withoutBackticks):" }
        return "\(name.text.withoutBackticks)(\(labels.joined()))"
    }
}
