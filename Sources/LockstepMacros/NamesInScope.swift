import SwiftSyntax

/// What the names in the code of an actor stand for, as far as declarations tell.
struct NamesInScope {
    /// The members of the actor, of which those are given that are unordered.
    private(set) var members: [String: UnorderedValue?] = [:]
    private(set) var localProperties: Set<String> = []
    /// The parameters and variables of the code that is read.
    private var variables: [String: UnorderedValue?] = [:]

    init(_ actor: ActorDeclSyntax) { addMembers(actor.memberBlock.members) }

    /// True if the user declared the name, so that it is not that of a library.
    func isTaken(_ name: String) -> Bool { members[name] != nil || variables[name] != nil }

    /// Notes the names that some code declares.
    mutating func addVariables(in code: some SyntaxProtocol) {
        let finder = VariableFinder(self)
        finder.walk(code)
        variables = finder.names.variables
    }

    fileprivate mutating func addVariable(_ name: String, _ value: UnorderedValue?) {
        // Where a name stands for two things, nothing is said of it.
        let isKnown = variables[name].map { $0 != value } ?? false
        variables[name] = .some(isKnown ? nil : value)
    }

    private mutating func addMembers(_ items: MemberBlockItemListSyntax) {
        for item in items {
            if let conditional = item.decl.as(IfConfigDeclSyntax.self) {
                for clause in conditional.clauses {
                    addMembers(clause.elements?.as(MemberBlockItemListSyntax.self) ?? [])
                }
            } else if let variable = item.decl.as(VariableDeclSyntax.self) {
                addProperties(variable)
            } else if let name = item.decl.asProtocol((any NamedDeclSyntax).self)?.name {
                members[name.text.withoutBackticks] = .some(nil)
            }
        }
    }

    private mutating func addProperties(_ variable: VariableDeclSyntax) {
        for (token, binding) in variable.names {
            let name = token.text.withoutBackticks
            members[name] = .some(value(of: binding))
            if variable.attributes.has("Local") { localProperties.insert(name) }
        }
    }
}

// MARK: - Expressions

extension NamesInScope {
    /// The kind of an expression's value if it is known to be unordered.
    func value(of expression: ExprSyntax) -> UnorderedValue? {
        switch expression.as(ExprSyntaxEnum.self) {
        case .declReferenceExpr(let name): value(named: name.baseName.text.withoutBackticks)
        case .memberAccessExpr(let access): value(of: access)
        case .functionCallExpr(let call): value(of: call)
        case .dictionaryExpr: .dictionary
        case .tupleExpr(let tuple) where tuple.elements.count == 1:
            tuple.elements.first.flatMap { value(of: $0.expression) }
        case .sequenceExpr(let sequence):
            sequence.elements.last?.as(TypeExprSyntax.self).flatMap { UnorderedValue($0.type) }
        default: nil
        }
    }

    func value(of binding: PatternBindingSyntax) -> UnorderedValue? {
        guard binding.pattern.is(IdentifierPatternSyntax.self) else { return nil }
        if let type = binding.typeAnnotation?.type { return UnorderedValue(type) }
        return binding.initializer.flatMap { value(of: $0.value) }
    }

    private func value(named name: String) -> UnorderedValue? {
        if let variable = variables[name] { return variable }
        return members[name] ?? nil
    }

    private func value(of access: MemberAccessExprSyntax) -> UnorderedValue? {
        let name = access.declName.baseName.text.withoutBackticks
        guard let base = access.base else { return nil }
        if base.isSelf { return members[name] ?? nil }
        return value(of: base)?.member(name)
    }

    private func value(of call: FunctionCallExprSyntax) -> UnorderedValue? {
        let callee = call.calledExpression
        if callee.is(DictionaryExprSyntax.self) { return .dictionary }
        if let access = callee.as(MemberAccessExprSyntax.self), let base = access.base {
            return value(of: base)?.method(access.declName.baseName.text)
        }
        return UnorderedValue(typeName: callee.typeName)
    }
}

extension ExprSyntax {
    var isSelf: Bool { self.as(DeclReferenceExprSyntax.self)?.baseName.tokenKind == .keyword(.self) }

    /// The name of the type or function that is called, without arguments of a generic type.
    var typeName: String? {
        let name = self.as(GenericSpecializationExprSyntax.self)?.expression ?? self
        return name.as(DeclReferenceExprSyntax.self)?.baseName.text
    }
}

/// Collects the names that some code declares.
private final class VariableFinder: SyntaxVisitor {
    private(set) var names: NamesInScope

    init(_ names: NamesInScope) {
        self.names = names
        super.init(viewMode: .sourceAccurate)
    }

    override func visit(_ node: FunctionParameterSyntax) -> SyntaxVisitorContinueKind {
        add(node.secondName ?? node.firstName, UnorderedValue(node.type))
        return .visitChildren
    }

    override func visit(_ node: ClosureParameterSyntax) -> SyntaxVisitorContinueKind {
        add(node.secondName ?? node.firstName, node.type.flatMap(UnorderedValue.init))
        return .visitChildren
    }

    override func visit(_ node: ClosureShorthandParameterSyntax) -> SyntaxVisitorContinueKind {
        add(node.name, nil)
        return .visitChildren
    }

    override func visit(_ node: PatternBindingSyntax) -> SyntaxVisitorContinueKind {
        guard let pattern = node.pattern.as(IdentifierPatternSyntax.self) else { return .visitChildren }
        add(pattern.identifier, names.value(of: node))
        return .visitChildren
    }

    override func visit(_ node: IdentifierPatternSyntax) -> SyntaxVisitorContinueKind {
        if node.parent?.is(PatternBindingSyntax.self) == true { return .visitChildren }
        // `if let stock` is of the type of what it unwraps, which is not an unordered one.
        add(node.identifier, nil)
        return .visitChildren
    }

    private func add(_ token: TokenSyntax, _ value: UnorderedValue?) {
        names.addVariable(token.text.withoutBackticks, value)
    }
}
