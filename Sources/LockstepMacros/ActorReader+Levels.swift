import SwiftSyntax

// What an actor says of its level, and of those before.
extension ActorReader {
    /// Checks that the actor's own level can be read.
    mutating func checkLevel() {
        guard attribute.arguments != nil, let mistake = attribute.levelMistake(from: 1) else { return }
        report(mistake)
    }

    /// Checks that a mark names no level above that of the actor.
    mutating func checkLevel(of mark: AttributeSyntax?) {
        guard let mark, let level = mark.level, level > actor.level, level >= 2 else { return }
        report(.levelAbove(level, mark, attribute))
    }

    /// Adds a migration, and checks its place.
    mutating func add(_ migration: MigrationDescription, to members: inout Members) {
        members.migrations.append(.element(migration))
        checkLevel(of: migration.attribute)
        if migration.level < migrated { report(.migrationOrder(migration)) }
        migrated = max(migrated, migration.level)
    }
}
