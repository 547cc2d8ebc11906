import SwiftDiagnostics
import SwiftSyntax

/// Reads the members of an actor and says what is wrong with them.
///
/// What is wrong is left out of the description, so that nobody sees errors in the code made from it as well.
struct ActorReader {
    private(set) var actor: ActorDescription
    private(set) var diagnostics: [Diagnostic] = []
    let attribute: AttributeSyntax
    private let declaration: ActorDeclSyntax
    private let surroundings: Surroundings
    /// Where a token of the source stands.
    private let place: (TokenSyntax) -> SourcePlace?
    private var propertyCount = 0
    /// The level of the last migration.
    var migrated = 1
    /// The names of the properties in snapshots, and whether they are those of earlier releases.
    private var labels: [String: Bool] = [:]
    /// The methods so far that can exist together with the next one.
    private var named: [MethodNumber: NamedMethod] = [:]
    /// The full names that several methods have, which take different types.
    private var overloads: Set<String> = []
    /// The methods that differ from others in nothing but the result.
    private var ambiguous: Set<String> = []

    private struct NamedMethod {
        let method: MethodDescription
        let token: TokenSyntax
    }

    /// What one list of members holds.
    struct Members {
        var methods: [Conditional<MethodDescription>] = []
        var properties: [Conditional<PropertyDescription>] = []
        var migrations: [Conditional<MigrationDescription>] = []
    }

    init(
        _ declaration: ActorDeclSyntax, marked attribute: AttributeSyntax, in surroundings: Surroundings,
        place: @escaping (TokenSyntax) -> SourcePlace?
    ) {
        self.attribute = attribute
        self.declaration = declaration
        self.surroundings = surroundings
        self.place = place
        actor = ActorDescription(declaration, level: attribute.level ?? 1)
    }

    /// Reads every member.
    mutating func read() {
        var known: [Set<String>]
        // The first of two methods was read when the second was not known.
        repeat {
            known = [overloads, ambiguous]
            restart()
            readMembers()
        } while known != [overloads, ambiguous]
    }

    private mutating func restart() {
        var next = ActorReader(declaration, marked: attribute, in: surroundings, place: place)
        (next.overloads, next.ambiguous) = (overloads, ambiguous)
        self = next
    }

    private mutating func readMembers() {
        let members = read(declaration.memberBlock.members)
        actor.methods = members.methods
        actor.properties = members.properties
        actor.migrations = members.migrations
        checkAccess()
        checkLevel()
    }

    private mutating func read(_ items: MemberBlockItemListSyntax) -> Members {
        var members = Members()
        for item in items {
            switch item.decl.as(DeclSyntaxEnum.self) {
            case .functionDecl(let function): read(function, into: &members)
            case .variableDecl(let variable): read(variable, into: &members)
            case .ifConfigDecl(let conditional): read(conditional, into: &members)
            default: readType(item.decl)
            }
        }
        return members
    }

    private mutating func read(_ conditional: IfConfigDeclSyntax, into members: inout Members) {
        let before = named
        var methods: [Conditional<MethodDescription>.Branch] = []
        var properties: [Conditional<PropertyDescription>.Branch] = []
        var migrations: [Conditional<MigrationDescription>.Branch] = []
        for clause in conditional.clauses {
            // Two clauses never meet, so they may have the same methods.
            let others = named
            named = before
            let content = clause.elements?.as(MemberBlockItemListSyntax.self).map { read($0) } ?? Members()
            named.merge(others) { first, _ in first }
            methods.append(.init(opening: clause.opening, content: content.methods))
            properties.append(.init(opening: clause.opening, content: content.properties))
            migrations.append(.init(opening: clause.opening, content: content.migrations))
        }
        members.methods.append(.branches(methods))
        members.properties.append(.branches(properties))
        members.migrations.append(.branches(migrations))
    }

    private mutating func checkAccess() {
        actor.isOutOfReach = surroundings == .code
        let modifier = declaration.modifiers.first { $0.detail == nil && $0.name.text == "private" }
        guard surroundings == .type, let modifier else { return }
        actor.isOutOfReach = true
        report(.privateActor(modifier.name))
    }

    mutating func report(_ mistake: Mistake) {
        diagnostics.append(Diagnostic(mistake))
    }
}

// MARK: - Methods

extension ActorReader {
    private mutating func read(_ function: FunctionDeclSyntax, into members: inout Members) {
        if function.fullName == "context()" { actor.namesItsContext = true }
        if let migration = MigrationDescription(function) { add(migration, to: &members) }
        if let name = ActorDescription.Reserved(rawValue: function.fullName), !function.modifiers.isStatic {
            take(name, at: function.name)
        } else if function.modifiers.contains("distributed"), !function.isRefusedByCompiler {
            if let mistake = function.mistake {
                report(mistake)
            } else {
                add(
                    MethodDescription(function, at: place(function.name), overloads: overloads), at: function.name,
                    to: &members)
            }
            checkLevel(of: function.attributes.first(named: "Since"))
        }
    }

    private mutating func read(_ property: DistributedProperty, into members: inout Members) {
        guard !property.type.cannotBeEncoded else { return }
        if let mistake = property.mistake {
            report(mistake)
        } else {
            add(MethodDescription(property, at: place(property.name)), at: property.name, to: &members)
        }
    }

    private mutating func add(_ method: MethodDescription, at token: TokenSyntax, to members: inout Members) {
        guard let first = named[method.number] else {
            named[method.number] = NamedMethod(method: method, token: token)
            if !ambiguous.contains(method.typedName) { members.methods.append(.element(method)) }
            return
        }
        let place = place(first.token).map { " on line \($0.line)" } ?? ""
        if first.method.typedName == method.typedName {
            guard first.method.signature != method.signature else { return }
            ambiguous.insert(method.typedName)
            report(.overload(method, place: place, at: token))
        } else if first.method.fullName == method.fullName, !method.isOverloaded {
            overloads.insert(method.fullName)
        } else {
            report(.sameNumber(method, as: first.method, place: place, at: token))
        }
        // The compiler itself refuses two methods that differ in nothing.
    }
}

// MARK: - Other members

extension ActorReader {
    private mutating func read(_ variable: VariableDeclSyntax, into members: inout Members) {
        if variable.modifiers.contains("distributed") {
            DistributedProperty(variable).map { read($0, into: &members) }
            checkLevel(of: variable.attributes.first(named: "Since"))
            return
        }
        for (name, binding) in variable.names {
            if name.text == "context" { actor.namesItsContext = true }
            let reserved = ActorDescription.Reserved(rawValue: name.text)
            switch reserved {
            case .unownedExecutor? where !variable.modifiers.isStatic: take(.unownedExecutor, at: name)
            case .schema? where variable.modifiers.isStatic: take(.schema, at: name)
            default: break
            }
            guard !variable.modifiers.isStatic, !variable.attributes.has("Local"), !binding.isComputed else { continue }
            if let type = binding.typeAnnotation?.type, type.isClosure {
                report(.closure(type, of: variable))
            } else {
                add(variable, name, binding, to: &members)
            }
        }
        if let modifier = variable.modifiers.first(where: { $0.name.text == "lazy" }) {
            report(.lazy(modifier))
        }
    }

    private mutating func add(
        _ variable: VariableDeclSyntax, _ name: TokenSyntax, _ binding: PatternBindingSyntax, to members: inout Members
    ) {
        let property = PropertyDescription(
            name: name.text, oldName: variable.attributes.renamedFrom, index: propertyCount, place: place(name),
            isConstant: variable.isConstant,
            isObserved: binding.accessorBlock != nil)
        let isRenamed = property.oldName != nil
        if let other = labels.updateValue(isRenamed, forKey: property.label), other || isRenamed {
            report(.sameLabel(property, at: name))
        }
        members.properties.append(.element(property))
        propertyCount += 1
    }

    private mutating func readType(_ declaration: DeclSyntax) {
        guard let name = declaration.asProtocol((any NamedDeclSyntax).self)?.name else { return }
        if name.text == "Handle" { take(.handle, at: name) }
        if name.text == "Deferred" { take(.deferred, at: name) }
        if name.text == "Queries" { take(.queries, at: name) }
        if name.text == "ActorSystem" {
            actor.namesItsSystem = true
            if let alias = declaration.as(TypeAliasDeclSyntax.self) { check(system: alias.initializer.value) }
        }
    }

    private mutating func check(system: TypeSyntax) {
        guard !["LockstepSystem", "Lockstep.LockstepSystem"].contains(system.trimmedDescription) else { return }
        actor.hasOtherSystem = true
        report(.otherSystem(system))
    }

    private mutating func take(_ name: ActorDescription.Reserved, at token: TokenSyntax) {
        actor.takenNames.insert(name)
        report(.taken(name, at: token))
    }
}

extension IfConfigClauseSyntax {
    fileprivate var opening: String {
        condition.map { "\(poundKeyword.text) \($0.trimmedDescription)" } ?? poundKeyword.text
    }
}
