import LockstepTesting

/// One call of the demonstration.
enum DemoOrder: Equatable {
    case receive(Int, of: String)
    case ship(Int, of: String)
    case quantity(of: String)

    static let items = [
        "bolt", "bracket", "cable", "clamp", "gasket", "hinge", "hook", "nail",
        "nut", "pin", "rivet", "screw", "spring", "staple", "valve", "washer",
    ]

    /// Draws a call: mostly updates, about balanced so that shipping sometimes finds too little.
    static func random(using generator: inout SeededRandom) -> DemoOrder {
        let item = items.randomElement(using: &generator)!
        switch Int.random(in: 0..<100, using: &generator) {
        case ..<45: return .receive(Int.random(in: 1...10, using: &generator), of: item)
        case ..<90: return .ship(Int.random(in: 1...10, using: &generator), of: item)
        default: return .quantity(of: item)
        }
    }

    /// Makes the call.
    func place(at inventory: Inventory.Handle) async throws {
        switch self {
        case .receive(let quantity, let item): _ = try await inventory.receive(quantity, of: item)
        case .ship(let quantity, let item): _ = try await inventory.ship(quantity, of: item)
        case .quantity(let item): _ = try await inventory.quantity(of: item)
        }
    }
}
