import Lockstep

/// Ten fields of mixed types. The same value goes through every encoding.
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
struct Place: Codable, Sendable {
    var shelf: Int
    var bin: Int
}

extension Place: WireCodable {
    func write(to writer: inout WireWriter) throws {
        try writer.writeFields(2) { writer in
            try writer.writeField("bin", bin)
            try writer.writeField("shelf", shelf)
        }
    }

    init(wire reader: inout WireReader) throws {
        var fields = try reader.readFields()
        bin = try fields.read("bin", from: &reader)
        shelf = try fields.read("shelf", from: &reader)
        try fields.finish(&reader)
    }
}

extension Order: WireCodable {
    func write(to writer: inout WireWriter) throws {
        try writer.writeFields(discount == nil ? 9 : 10) { writer in
            try writer.writeField("id", id)
            try writer.writeField("note", note)
            try writer.writeField("flags", flags)
            try writer.writeField("lines", lines)
            try writer.writeField("place", place)
            try writer.writeField("price", price)
            try writer.writeField("weight", weight)
            try writer.writeField("customer", customer)
            try writer.writeOptionalField("discount", discount)
            try writer.writeField("quantity", quantity)
        }
    }

    init(wire reader: inout WireReader) throws {
        var fields = try reader.readFields()
        let id: Int = try fields.read("id", from: &reader)
        let note: String = try fields.read("note", from: &reader)
        let flags: UInt16 = try fields.read("flags", from: &reader)
        let lines: [Int] = try fields.read("lines", from: &reader)
        let place: Place = try fields.read("place", from: &reader)
        let price: Double = try fields.read("price", from: &reader)
        let weight: Double = try fields.read("weight", from: &reader)
        let customer: String = try fields.read("customer", from: &reader)
        let discount: Double? = try fields.readOptional("discount", from: &reader)
        let quantity: Int32 = try fields.read("quantity", from: &reader)
        try fields.finish(&reader)
        // All at once, where nothing can throw any more: otherwise the compiler copies what it has so far.
        self.init(
            id: id, quantity: quantity, flags: flags, price: price, weight: weight, customer: customer, note: note,
            lines: lines, discount: discount, place: place
        )
    }
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
