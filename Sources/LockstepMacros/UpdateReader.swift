import SwiftSyntax

/// Reads the code that every replica runs, for what would make them differ.
///
/// It sees the spelling alone, so that it finds the common mistakes and not all of them.
struct UpdateReader {
    private(set) var mistakes: [Mistake] = []
    private let names: NamesInScope

    init(_ actor: ActorDeclSyntax) {
        names = NamesInScope(actor)
        read(actor.memberBlock.members)
    }

    private mutating func read(_ items: MemberBlockItemListSyntax) {
        for item in items {
            switch item.decl.as(DeclSyntaxEnum.self) {
            case .functionDecl(let function): read(function)
            case .variableDecl(let variable): read(variable)
            case .initializerDecl(let initializer):
                if let body = initializer.body { read(initial: body, declaredIn: initializer) }
            case .subscriptDecl(let subscripting):
                if runsOnReplicas(subscripting.modifiers) { read(code: subscripting) }
            case .ifConfigDecl(let conditional):
                for clause in conditional.clauses {
                    read(clause.elements?.as(MemberBlockItemListSyntax.self) ?? [])
                }
            default: break
            }
        }
    }

    private mutating func read(_ function: FunctionDeclSyntax) {
        if function.attributes.has("Migration"), let body = function.body {
            return read(migration: body, declaredIn: function)
        }
        // No update can call what is asynchronous.
        guard runsOnReplicas(function.modifiers), function.signature.effectSpecifiers?.asyncSpecifier == nil,
            function.body != nil
        else { return }
        let isDistributed = function.modifiers.contains("distributed")
        let mark = isDistributed ? ["Direct", "Query"].first { function.attributes.has($0) } : nil
        read(code: function, marked: mark)
    }

    private mutating func read(_ variable: VariableDeclSyntax) {
        guard runsOnReplicas(variable.modifiers) else { return }
        let mark = variable.modifiers.contains("distributed") ? "Query" : nil
        for binding in variable.bindings {
            if let accessors = binding.accessorBlock { read(code: accessors, marked: mark) }
            if let initial = binding.initializer, !variable.attributes.has("Local") {
                read(initial: initial, declaredIn: initial)
            }
        }
    }

    /// Reads code that every replica runs, or one, if it has a mark that says so.
    private mutating func read(code: some SyntaxProtocol, marked mark: String? = nil) {
        var names = names
        names.addVariables(in: code)
        let visitor = UpdateVisitor(names, mark: mark)
        visitor.walk(code)
        mistakes += visitor.mistakes
    }

    /// Reads what makes the initial state, for which an update's context does not exist yet.
    private mutating func read(initial code: some SyntaxProtocol, declaredIn declaration: some SyntaxProtocol) {
        var names = names
        names.addVariables(in: declaration)
        let visitor = UpdateVisitor(names)
        visitor.walk(code)
        mistakes += visitor.mistakes.compactMap(\.inInitialState)
    }

    /// Reads what makes a replica's state of an older one, for which there is no context either.
    private mutating func read(migration code: some SyntaxProtocol, declaredIn function: FunctionDeclSyntax) {
        var names = names
        names.addVariables(in: function)
        let visitor = UpdateVisitor(names)
        visitor.walk(code)
        mistakes += visitor.mistakes.map(\.inMigration)
    }

    /// Static and nonisolated members do not touch the state; whoever calls them has them from outside, too.
    private func runsOnReplicas(_ modifiers: DeclModifierListSyntax) -> Bool {
        !modifiers.isStatic && !modifiers.contains("nonisolated")
    }
}
