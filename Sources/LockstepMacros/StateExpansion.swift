extension ActorDescription {
    /// What makes of equal replicas equal numbers.
    var hashStateMember: String {
        let body = properties.flatMap { property in property.lines(\.hashing) }
        return """
            /// Feeds the replicated properties to a hash that is equal on equal replicas.
            \(body.inBraces(after: "\(access)func hashState(into hasher: inout Lockstep.StateHasher)"))
            """
    }

    /// What makes a snapshot of a replica.
    var writeStateMember: String {
        let written = properties.flatMap { property in
            property.lines { ["writer.write(self.\($0.name), named: \($0.label))"] }
        }
        let body = (level == 1 ? [] : ["writer.write(level: \(level))"]) + written
        return """
            /// Adds the replicated properties, by name, to a snapshot.
            \(body.inBraces(after: "\(access)func writeState(to writer: inout Lockstep.StateWriter)"))
            """
    }

    /// What makes a replica of a snapshot. Nothing is assigned before everything is read.
    var readStateMember: String {
        let level = ["try reader.check(level: \(level))"]
        let migrated = migrations.flatMap { migration in migration.lines { [$0.running] } }
        let read = properties.flatMap { property in property.lines { [$0.reading] } }
        // Observers may change other properties, so those without observers come last.
        let observed = properties.flatMap { property in property.lines { $0.isObserved ? [$0.assignment] : [] } }
        let plain = properties.flatMap { property in
            property.lines { $0.isObserved || $0.isConstant ? [] : [$0.assignment] }
        }
        let body = level + migrated + read + observed + plain
        return """
            /// Replaces the replicated properties by those of a snapshot, or throws and changes nothing.
            \(body.inBraces(after: "\(access)func readState(from reader: inout Lockstep.StateReader) throws"))
            """
    }
}

extension MigrationDescription {
    fileprivate var running: String {
        "try reader.migrate(to: \(level), \(name.withoutBackticks.quoted), Self.\(reference))"
    }
}

extension PropertyDescription {
    /// Of what is generated for a property, this has the error if it cannot be replicated.
    fileprivate var hashing: [String] {
        let code = "hasher.combine(self.\(name), named: \(label))"
        return place?.reporting(code) ?? [code]
    }

    fileprivate var reading: String {
        isConstant
            ? "try reader.check(self.\(name), named: \(label))"
            : "let p\(index) = try reader.read(\(label), or: self.\(name))"
    }

    fileprivate var assignment: String { "self.\(name) = p\(index)" }
}
