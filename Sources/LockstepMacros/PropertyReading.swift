import SwiftSyntax

extension VariableDeclSyntax {
    /// The names that the declaration binds, each with its binding.
    var names: [(name: TokenSyntax, binding: PatternBindingSyntax)] {
        bindings.flatMap { binding in binding.pattern.names.map { ($0, binding) } }
    }

    var isConstant: Bool { bindingSpecifier.text == "let" }

    /// True if no binding stores a value.
    var isComputed: Bool { bindings.allSatisfy(\.isComputed) }
}

extension PatternBindingSyntax {
    /// True if reading the property runs an accessor; observers alone leave it stored.
    var isComputed: Bool {
        guard let accessorBlock else { return false }
        guard case .accessors(let accessors) = accessorBlock.accessors else { return true }
        return !accessors.allSatisfy { ["willSet", "didSet"].contains($0.accessorSpecifier.text) }
    }
}

extension PatternSyntax {
    fileprivate var names: [TokenSyntax] {
        if let pattern = self.as(IdentifierPatternSyntax.self) { return [pattern.identifier] }
        return self.as(TuplePatternSyntax.self)?.elements.flatMap(\.pattern.names) ?? []
    }
}
