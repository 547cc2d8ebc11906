import SwiftSyntax

/// A value whose elements come in another order in every process.
enum UnorderedValue {
    case set, dictionary, keys, values

    /// What a type says, as far as spelling tells.
    init?(_ type: TypeSyntax) {
        if type.is(DictionaryTypeSyntax.self) {
            self = .dictionary
        } else if let attributed = type.as(AttributedTypeSyntax.self) {
            self.init(attributed.baseType)
        } else {
            let name = type.as(IdentifierTypeSyntax.self)?.name ?? type.as(MemberTypeSyntax.self)?.name
            self.init(typeName: name?.text)
        }
    }

    init?(typeName: String?) {
        switch typeName {
        case "Set": self = .set
        case "Dictionary": self = .dictionary
        default: return nil
        }
    }

    /// What a member without arguments gives.
    func member(_ name: String) -> UnorderedValue? {
        switch (self, name) {
        case (.dictionary, "keys"): .keys
        case (.dictionary, "values"): .values
        case (_, "lazy"): self
        default: nil
        }
    }

    /// What a method gives.
    func method(_ name: String) -> UnorderedValue? {
        switch self {
        case .set where Self.setsOfSets.contains(name): .set
        case .dictionary where Self.dictionariesOfDictionaries.contains(name): .dictionary
        default: nil
        }
    }

    private static let setsOfSets: Set = [
        "filter", "union", "intersection", "subtracting", "symmetricDifference",
    ]
    private static let dictionariesOfDictionaries: Set = [
        "filter", "mapValues", "compactMapValues", "merging",
    ]

    /// The members that tell one order from another.
    static let orderedMembers: Set = [
        "compactMap", "dropFirst", "dropLast", "elementsEqual", "enumerated", "first", "firstIndex", "flatMap",
        "forEach", "joined", "makeIterator", "map", "popFirst", "prefix", "randomElement", "reduce", "removeFirst",
        "reversed", "shuffled", "split", "startIndex", "suffix",
    ]
    /// Those that would change a sorted copy, or for which there is none.
    static let membersOfTheOriginal: Set = [
        "firstIndex", "makeIterator", "popFirst", "removeFirst", "startIndex",
    ]
    /// Those whose result has the elements of the original, in its order.
    static let transformations: Set = ["compactMap", "flatMap", "map"]
    /// What may be done with elements in any order.
    static let harmlessMembers: Set = ["allSatisfy", "contains", "count", "isEmpty", "max", "min", "sorted"]

    /// The methods of sets that take sequences in any order.
    static let setMethods: Set = [
        "formIntersection", "formSymmetricDifference", "formUnion", "intersection", "isDisjoint", "isSubset",
        "isSuperset", "subtract", "subtracting", "symmetricDifference", "union",
    ]

    /// The call that puts the elements in order, as far as there is an obvious order.
    var sorting: String? {
        switch self {
        case .set, .keys: ".sorted()"
        case .dictionary: ".sorted(by: { $0.key < $1.key })"
        case .values: nil
        }
    }
}
