/// The items of queues: each is done once, by whoever has it, and none is lost.
final class ItemBook {
    private struct Item {
        let key: String
        var isOffered = false
        var isFinishing = false
        var finishedAt: Int64?
    }

    private var items: [UInt64: Item] = [:]
    private var itemsEver: UInt64 = 0

    var finishedCount: Int { items.values.count { $0.finishedAt != nil } }

    /// A message that nobody else says.
    func message() -> [UInt8] {
        itemsEver += 1
        return NumberBytes.bytes(of: itemsEver)
    }

    /// Somebody is about to offer an item.
    func offer(_ key: String) -> [UInt8] {
        let bytes = message()
        items[NumberBytes.number(of: bytes)] = Item(key: key)
        return bytes
    }

    func noteOffered(_ bytes: [UInt8]) { items[NumberBytes.number(of: bytes)]?.isOffered = true }

    func name(of bytes: [UInt8]) -> String { "item \(NumberBytes.number(of: bytes))" }

    /// Somebody has it, and has asked for it since.
    func noteTaken(_ bytes: [UInt8], from began: Int64) throws(Violation) {
        guard let item = items[NumberBytes.number(of: bytes)] else {
            throw Violation(.items, "Somebody is given \(name(of: bytes)), which nobody has offered.")
        }
        guard let finishedAt = item.finishedAt, finishedAt < began else { return }
        throw Violation(
            .items, "Somebody is given \(name(of: bytes)) of \(item.key), which was done at \(finishedAt) ns.")
    }

    func noteFinishing(_ bytes: [UInt8]) { items[NumberBytes.number(of: bytes)]?.isFinishing = true }

    func noteFinished(_ bytes: [UInt8], at now: Int64) { items[NumberBytes.number(of: bytes)]?.finishedAt = now }

    /// The queues are empty.
    func finish() throws(Violation) {
        for (number, item) in items.sorted(by: { $0.key < $1.key }) where item.isOffered && !item.isFinishing {
            throw Violation(.items, "Item \(number) of \(item.key) is gone, and nobody has done it.")
        }
    }
}
