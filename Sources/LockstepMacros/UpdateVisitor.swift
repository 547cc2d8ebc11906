import SwiftSyntax

/// Looks through the code of one member.
final class UpdateVisitor: SyntaxVisitor {
    private(set) var mistakes: [Mistake] = []
    private let names: NamesInScope
    /// Why the code runs on one replica, which may tell what is its own; nil if it runs on all.
    private let mark: String?
    private var runsOnOne: Bool { mark != nil }

    init(_ names: NamesInScope, mark: String? = nil) {
        self.names = names
        self.mark = mark
        super.init(viewMode: .sourceAccurate)
    }

    override func visit(_ node: DeclReferenceExprSyntax) -> SyntaxVisitorContinueKind {
        if let mistake = mistake(in: node) { mistakes.append(mistake) }
        return .visitChildren
    }

    override func visit(_ node: FunctionCallExprSyntax) -> SyntaxVisitorContinueKind {
        if let root = node.calledExpression.root, let mistake = mistake(in: root) {
            mistakes.append(mistake)
            // What its arguments do, such as `await`, is no second mistake.
            return .skipChildren
        }
        if runsOnOne {
            checkEffect(node)
        } else {
            checkDraw(node)
            checkCopy(node)
            checkTies(node)
        }
        return .visitChildren
    }

    override func visit(_ node: MemberAccessExprSyntax) -> SyntaxVisitorContinueKind {
        guard !runsOnOne else { return .visitChildren }
        let token = node.declName.baseName
        if token.text == "hashValue" { mistakes.append(.hash(token)) }
        let isPattern = node.parent?.is(ExpressionPatternSyntax.self) == true
        if token.text == "now", node.base == nil, !isPattern { mistakes.append(.clock(token)) }
        return checkOrder(node) ? .skipChildren : .visitChildren
    }

    override func visit(_ node: ForStmtSyntax) -> SyntaxVisitorContinueKind {
        guard !runsOnOne, let value = names.value(of: node.sequence) else { return .visitChildren }
        mistakes.append(.unordered(node.sequence, value, at: node.sequence))
        if let condition = node.whereClause { walk(condition) }
        walk(node.body)
        return .skipChildren
    }

    override func visit(_ node: AwaitExprSyntax) -> SyntaxVisitorContinueKind {
        // Outside closures, the compiler itself refuses it.
        if node.isInClosure { mistakes.append(.concurrent(node.awaitKeyword)) }
        return .skipChildren
    }

    override func visit(_ node: SequenceExprSyntax) -> SyntaxVisitorContinueKind {
        node.assignsOne(of: names.localProperties) ? .skipChildren : .visitChildren
    }

    /// Nested types have names of their own.
    override func visit(_ node: StructDeclSyntax) -> SyntaxVisitorContinueKind { .skipChildren }
    override func visit(_ node: ClassDeclSyntax) -> SyntaxVisitorContinueKind { .skipChildren }
    override func visit(_ node: EnumDeclSyntax) -> SyntaxVisitorContinueKind { .skipChildren }
}

// MARK: - Checks

extension UpdateVisitor {
    private func mistake(in reference: DeclReferenceExprSyntax) -> Mistake? {
        guard !names.isTaken(reference.baseName.text), let name = ForeignName(reference) else { return nil }
        return runsOnOne ? name.concurrencyMistake : name.mistake
    }

    /// Checks that a query leaves nothing to be done: it would on one replica only.
    private func checkEffect(_ call: FunctionCallExprSyntax) {
        guard let token = call.nameOfOwnMethod, ["after", "call", "cancel", "perform", "publish"].contains(token.text),
            call.arguments.count == 1, call.arguments.first?.label == nil, !names.isTaken(token.text)
        else { return }
        mistakes.append(.effect(token, inMarked: mark ?? ""))
    }

    /// Checks that random numbers come from a generator that is given.
    private func checkDraw(_ call: FunctionCallExprSyntax) {
        guard let access = call.calledExpression.as(MemberAccessExprSyntax.self), call.drawsNumbers else { return }
        mistakes.append(.draw(access.declName.baseName, in: call))
    }

    /// Checks that no array is filled in any order.
    private func checkCopy(_ call: FunctionCallExprSyntax) {
        guard call.makesArray || call.appendsElements || call.calledExpression.typeName == "zip",
            !call.isUsedInAnyOrder
        else { return }
        for argument in call.arguments.map(\.expression) {
            guard let value = names.value(of: argument) else { continue }
            mistakes.append(.unordered(argument, value, at: argument))
        }
    }

    /// Checks that a comparison of elements of a dictionary looks at their keys, which alone are all different.
    private func checkTies(_ call: FunctionCallExprSyntax) {
        guard let access = call.calledExpression.as(MemberAccessExprSyntax.self), let base = access.base,
            ["max", "min", "sorted"].contains(access.declName.baseName.text), names.value(of: base) == .dictionary,
            let closure = call.trailingClosure ?? call.arguments.first?.expression.as(ClosureExprSyntax.self),
            !closure.mentionsKeys
        else { return }
        mistakes.append(.ties(access.declName.baseName))
    }

    /// Checks a member that tells one order from another; true if it was a mistake.
    private func checkOrder(_ access: MemberAccessExprSyntax) -> Bool {
        let name = access.declName.baseName.text
        guard UnorderedValue.orderedMembers.contains(name), let base = access.base,
            let value = names.value(of: base)
        else { return false }
        let call = access.parent?.as(FunctionCallExprSyntax.self)
        if call?.drawsNumbers == true { return false }
        if UnorderedValue.transformations.contains(name), call?.isUsedInAnyOrder == true { return false }
        let canSort = !UnorderedValue.membersOfTheOriginal.contains(name)
        mistakes.append(.unordered(base, value, at: access.declName.baseName, canSort: canSort))
        return true
    }
}

extension ExprSyntax {
    /// The name that a chain of members and calls begins with.
    fileprivate var root: DeclReferenceExprSyntax? {
        if let generic = self.as(GenericSpecializationExprSyntax.self) { return generic.expression.root }
        guard let access = self.as(MemberAccessExprSyntax.self) else { return self.as(DeclReferenceExprSyntax.self) }
        // After a module, its member is the beginning.
        return ForeignName(access.declName) != nil ? access.declName : access.base?.root
    }
}

extension FunctionCallExprSyntax {
    /// The name of the method if the call may be of one of the actor itself.
    fileprivate var nameOfOwnMethod: TokenSyntax? {
        guard let access = calledExpression.as(MemberAccessExprSyntax.self) else {
            return calledExpression.as(DeclReferenceExprSyntax.self)?.baseName
        }
        return access.base?.isSelf == true ? access.declName.baseName : nil
    }

    /// True if the call draws random numbers without a generator.
    fileprivate var drawsNumbers: Bool {
        guard let access = calledExpression.as(MemberAccessExprSyntax.self), trailingClosure == nil else {
            return false
        }
        // A value's own method may be called so; the library's belongs to types.
        let isOfType = access.base.map { $0.typeName?.first?.isUppercase ?? false } ?? true
        return switch access.declName.baseName.text {
        case "randomElement", "shuffle", "shuffled": arguments.isEmpty
        case "random" where isOfType: arguments.isEmpty || arguments.count == 1 && arguments.first?.label?.text == "in"
        default: false
        }
    }

    fileprivate var makesArray: Bool {
        guard arguments.count == 1, arguments.first?.label == nil else { return false }
        return calledExpression.is(ArrayExprSyntax.self)
            || ["Array", "ContiguousArray"].contains(calledExpression.typeName)
    }

    fileprivate var appendsElements: Bool {
        let name = calledExpression.as(MemberAccessExprSyntax.self)?.declName.baseName.text
        return ["append", "insert"].contains(name) && arguments.first?.label?.text == "contentsOf"
    }

    /// True if what the call gives is used where order does not matter.
    fileprivate var isUsedInAnyOrder: Bool {
        if let access = parent?.as(MemberAccessExprSyntax.self), access.base?.id == ExprSyntax(self).id {
            return UnorderedValue.harmlessMembers.contains(access.declName.baseName.text)
        }
        guard let argument = parent?.as(LabeledExprSyntax.self) else { return false }
        let call = argument.parent?.parent?.as(FunctionCallExprSyntax.self)
        let method = call?.calledExpression.as(MemberAccessExprSyntax.self)?.declName.baseName.text
        return UnorderedValue(typeName: call?.calledExpression.typeName) != nil
            || method.map(UnorderedValue.setMethods.contains) == true
    }
}

extension ClosureExprSyntax {
    /// True if the closure looks at keys, or takes the elements apart in a way that does not show.
    fileprivate var mentionsKeys: Bool {
        let members = tokens(viewMode: .sourceAccurate).filter {
            $0.previousToken(viewMode: .sourceAccurate)?.text == "."
        }
        return members.contains { $0.text == "key" || $0.text == "0" } || !members.contains { $0.text == "value" }
    }
}

extension SequenceExprSyntax {
    /// True if the statement assigns one of some properties.
    fileprivate func assignsOne(of properties: Set<String>) -> Bool {
        guard let target = elements.first, let second = elements.dropFirst().first else { return false }
        let operation = second.as(BinaryOperatorExprSyntax.self)?.operator.text
        let isAssignment = operation.map { $0.hasSuffix("=") && !["==", "!=", "<=", ">="].contains($0) }
        guard second.is(AssignmentExprSyntax.self) || isAssignment == true else { return false }
        let access = target.as(MemberAccessExprSyntax.self)
        let name = access.map { $0.base?.isSelf == true ? $0.declName.baseName.text : "" } ?? target.typeName
        return name.map { properties.contains($0.withoutBackticks) } ?? false
    }
}

extension AwaitExprSyntax {
    fileprivate var isInClosure: Bool {
        var node = parent
        while let current = node {
            if current.is(ClosureExprSyntax.self) { return true }
            if current.is(FunctionDeclSyntax.self) { return false }
            node = current.parent
        }
        return false
    }
}
