import SwiftSyntax

/// Reads a struct or an enum and says what is wrong with it.
struct WireTypeReader {
    private(set) var mistakes: [Mistake] = []
    /// Nil of what has no encoding.
    private(set) var type: WireType?

    init(_ declaration: some DeclGroupSyntax, attribute: AttributeSyntax, isNested: Bool) {
        let modifier = declaration.modifiers.accessModifier ?? ""
        let access = ["public", "package"].contains(modifier) ? "\(modifier) " : ""
        if let structure = declaration.as(StructDeclSyntax.self) {
            type = WireType(access: access, shape: .fields(readFields(of: structure)))
            check(structure, structure.genericParameterClause, structure.genericWhereClause)
        } else if let enumeration = declaration.as(EnumDeclSyntax.self) {
            let cases = readCases(of: enumeration)
            type = WireType(access: access, shape: enumeration.hasRawValues ? .rawValue(cases) : .cases(cases))
            check(enumeration, enumeration.genericParameterClause, enumeration.genericWhereClause)
        } else {
            mistakes.append(.notStructOrEnum(attribute))
        }
        if isNested,
            let modifier = declaration.modifiers.first(where: { $0.detail == nil && $0.name.text == "private" })
        {
            mistakes.append(.privateWire(modifier.name))
        }
        if !mistakes.isEmpty { type = nil }
    }

    private mutating func check(
        _ declaration: some DeclGroupSyntax, _ generics: GenericParameterClauseSyntax?,
        _ requirements: GenericWhereClauseSyntax?
    ) {
        for member in declaration.memberBlock.members.map(\.decl) {
            if let function = member.as(FunctionDeclSyntax.self), !function.modifiers.isStatic {
                if function.fullName == "encode(to:)" { mistakes.append(.ownEncoding(function.name, "encode(to:)")) }
                if function.fullName == "write(to:)" { mistakes.append(.takenByWire(function.name, "write(to:)")) }
            } else if let initializer = member.as(InitializerDeclSyntax.self) {
                let label = initializer.signature.parameterClause.parameters.first?.firstName.text
                if label == "from", initializer.isDecoding {
                    mistakes.append(.ownEncoding(initializer.initKeyword, "init(from:)"))
                }
                if label == "wire" { mistakes.append(.takenByWire(initializer.initKeyword, "init(wire:)")) }
            } else if let conditional = member.as(IfConfigDeclSyntax.self), conditional.storesValues {
                mistakes.append(.conditionalWire(conditional))
            }
        }
        for parameter in generics?.parameters ?? [] where parameter.inheritedType == nil {
            let name = parameter.name.text
            let words = requirements?.requirements.tokens(viewMode: .sourceAccurate).map(\.text) ?? []
            if !words.contains(name) { mistakes.append(.notCodable(parameter.name)) }
        }
    }
}

// MARK: - Structs

extension WireTypeReader {
    private mutating func readFields(of structure: StructDeclSyntax) -> [WireField] {
        let keys = structure.codingKeys
        var fields: [WireField] = []
        for variable in structure.memberBlock.members.compactMap({ $0.decl.as(VariableDeclSyntax.self) }) {
            guard !variable.modifiers.isStatic, !variable.modifiers.contains("lazy"), !variable.isComputed else {
                continue
            }
            if let wrapper = variable.attributes.propertyWrapper {
                mistakes.append(.propertyWrapper(wrapper))
                continue
            }
            for (name, binding) in variable.names where !binding.isComputed {
                let plain = name.text.withoutBackticks
                // What has no key is not encoded.
                guard let key = keys.map({ $0[plain] }) ?? plain else { continue }
                fields.append(
                    WireField(
                        key: key, name: name.text, type: nil, index: fields.count,
                        presence: variable.type(of: binding)?.presence ?? .unknown,
                        isRead: !variable.isConstant || binding.initializer == nil))
            }
        }
        return fields
    }
}

extension StructDeclSyntax {
    /// The names that the user gave to the properties in the bytes, by property; nil if they are those of the properties.
    fileprivate var codingKeys: [String: String]? {
        let types = memberBlock.members.compactMap { $0.decl.as(EnumDeclSyntax.self) }
        guard let keys = types.first(where: { $0.name.text == "CodingKeys" }) else { return nil }
        let names = keys.elements.map { element in
            let name = element.name.text.withoutBackticks
            let literal = element.rawValue?.value.as(StringLiteralExprSyntax.self)?.representedText
            return (name, literal ?? name)
        }
        return Dictionary(names) { first, _ in first }
    }
}

extension VariableDeclSyntax {
    /// The type of a binding, which `var a, b: Int` spells after the last.
    fileprivate func type(of binding: PatternBindingSyntax) -> TypeSyntax? {
        if binding.initializer != nil { return binding.typeAnnotation?.type }
        return bindings.drop { $0.id != binding.id }.lazy.compactMap(\.typeAnnotation?.type).first
    }
}

extension TypeSyntax {
    fileprivate var presence: WireField.Presence {
        if self.is(OptionalTypeSyntax.self) || self.is(ImplicitlyUnwrappedOptionalTypeSyntax.self) { return .optional }
        if self.is(ArrayTypeSyntax.self) || self.is(DictionaryTypeSyntax.self) { return .always }
        guard let name = self.as(IdentifierTypeSyntax.self)?.name.text else { return .unknown }
        return (rawTypes + ["Array", "Bool", "Dictionary", "Set"]).contains(name) ? .always : .unknown
    }
}

extension AttributeListSyntax {
    /// An attribute that is not one of the language's own.
    fileprivate var propertyWrapper: AttributeSyntax? {
        lazy.compactMap { $0.as(AttributeSyntax.self) }
            .first { $0.attributeName.trimmedDescription.first?.isUppercase == true && !$0.isNamed("Renamed") }
    }
}

// MARK: - Enums

extension WireTypeReader {
    private mutating func readCases(of enumeration: EnumDeclSyntax) -> [WireCase] {
        let types = enumeration.memberBlock.members.compactMap { $0.decl.as(EnumDeclSyntax.self) }
        if let keys = types.first(where: { $0.name.text.hasSuffix("CodingKeys") }) {
            mistakes.append(.keysOfCases(keys.name))
        }
        return enumeration.elements.map { element in
            let values = element.parameterClause?.parameters ?? []
            let fields = values.enumerated().map { index, value in
                let label = value.firstName.flatMap { $0.text == "_" ? nil : $0.text }
                return WireField(
                    key: label?.withoutBackticks ?? "_\(index)", name: label, type: value.type.trimmedDescription,
                    index: index, presence: value.type.presence)
            }
            return WireCase(name: element.name.text, fields: fields)
        }
    }
}

extension EnumDeclSyntax {
    fileprivate var elements: [EnumCaseElementSyntax] {
        memberBlock.members.flatMap { $0.decl.as(EnumCaseDeclSyntax.self).map { Array($0.elements) } ?? [] }
    }

    /// True if the cases have raw values, as far as spelling tells.
    fileprivate var hasRawValues: Bool {
        let first = inheritanceClause?.inheritedTypes.first?.type.trimmedDescription.split(separator: ".").last
        return elements.contains { $0.rawValue != nil }
            || first.map { rawTypes.contains(String($0)) } == true
    }
}

/// The types of the library that raw values have.
private let rawTypes =
    ["Double", "Float", "String"]
    + ["Int", "UInt"].flatMap { name in ["", "8", "16", "32", "64", "128"].map { name + $0 } }

// MARK: - Members

extension InitializerDeclSyntax {
    fileprivate var isDecoding: Bool {
        let words = signature.parameterClause.parameters.first?.type.tokens(viewMode: .sourceAccurate)
        return words?.contains { $0.text == "Decoder" } == true
    }
}

extension IfConfigDeclSyntax {
    /// True if what is encoded depends on the condition.
    fileprivate var storesValues: Bool {
        clauses.flatMap { $0.elements?.as(MemberBlockItemListSyntax.self).map(Array.init) ?? [] }.contains { item in
            if let variable = item.decl.as(VariableDeclSyntax.self) {
                return !variable.modifiers.isStatic && !variable.isComputed
            }
            return item.decl.is(EnumCaseDeclSyntax.self) || item.decl.as(IfConfigDeclSyntax.self)?.storesValues == true
        }
    }
}
