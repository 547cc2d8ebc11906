import Lockstep

/// Ten fields of mixed types. The same value goes through every encoding.
@Wire
struct Order: Codable, Sendable {
    var id: Int
    var quantity: Int32
    var flags: UInt16
    var price: Double
    var weight: Double
    var customer: String
    var note: String
    var lines: [Int]
    var discount: Double?
    var place: Place

    static let sample = Order(
        id: 123_456_789, quantity: 12, flags: 3, price: 19.99, weight: 0.75, customer: "customer-0042",
        note: "leave it at the door, please", lines: [3, 1, 4, 1, 5, 9, 2, 6], discount: 0.1,
        place: Place(shelf: 7, bin: 300)
    )
}

/// The nested one.
@Wire
struct Place: Codable, Sendable {
    var shelf: Int
    var bin: Int
}

/// The same fields, for which the encoding has nothing but `Codable`.
struct PlainOrder: Codable, Sendable {
    var id = Order.sample.id
    var quantity = Order.sample.quantity
    var flags = Order.sample.flags
    var price = Order.sample.price
    var weight = Order.sample.weight
    var customer = Order.sample.customer
    var note = Order.sample.note
    var lines = Order.sample.lines
    var discount = Order.sample.discount
    var place = PlainPlace()
}

/// The nested one.
struct PlainPlace: Codable, Sendable {
    var shelf = Order.sample.place.shelf
    var bin = Order.sample.place.bin
}
