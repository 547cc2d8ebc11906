extension ActorSchema {
    /// Why members with these two schemas cannot be in one group, in words; nil if they can.
    ///
    /// A method or a property that only one of them has is no difference.
    func difference(from other: ActorSchema, here: String, there: String) -> String? {
        guard type == other.type else { return "it is \(type) on \(here), and \(other.type) on \(there)" }
        var types = TypeComparison(types, other.types, here: here, there: there)
        let others = Dictionary(other.methods.map { ($0.number, $0) }) { first, _ in first }
        for method in methods {
            guard let same = others[method.number] else { continue }
            if let difference = method.difference(from: same, &types) { return difference }
        }
        for (name, type) in properties.sorted(by: { $0.key < $1.key }) {
            guard let same = other.properties[name] else { continue }
            if let difference = types.difference(type, same, of: "property \(name)") { return difference }
        }
        return nil
    }
}

extension ActorSchema.Method {
    fileprivate func difference(from other: ActorSchema.Method, _ types: inout TypeComparison) -> String? {
        let (here, there) = (types.here, types.there)
        if names.isDisjoint(with: other.names) {
            return "\(name) on \(here) and \(other.name) on \(there) have the same number; rename one of them"
        }
        if kind != other.kind {
            return "\(name) is \(kind.phrase) on \(here), and \(other.kind.phrase) on \(there)"
        }
        for (index, (type, same)) in zip(signature, other.signature).enumerated() {
            let part = index == signature.count - 1 ? "result" : "argument \(index + 1)"
            if let difference = types.difference(type, same, of: "\(name) \(part)") { return difference }
        }
        guard let failure, let same = other.failure else { return nil }
        return types.difference(failure, same, of: "\(name) error")
    }

    /// The names of the method in all releases.
    private var names: Set<String> { Set([name, oldName ?? name]) }
}

extension ActorSchema.Method.Kind {
    fileprivate var phrase: String {
        switch self {
        case .update: "an update"
        case .query: "a query"
        case .direct: "a direct method"
        }
    }
}
