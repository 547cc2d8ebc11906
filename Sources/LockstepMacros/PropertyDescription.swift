import SwiftSyntax

/// A stored property of the actor.
struct PropertyDescription {
    /// The name as spelled, perhaps in backticks.
    let name: String
    /// The name in earlier releases, if it was another one.
    let oldName: String?
    /// Its place among the properties, which names its value before the value is assigned.
    let index: Int
    /// Where it is declared, if the compiler tells.
    let place: SourcePlace?
    /// True of a `let`.
    let isConstant: Bool
    /// True if assigning it runs code of the user's.
    let isObserved: Bool

    /// The name in snapshots, as a string literal: that of the earliest release.
    var label: String { (oldName ?? name.withoutBackticks).quoted }
}
