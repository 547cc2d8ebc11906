@testable import Lockstep

/// Types with `@Wire`, of every kind.
enum WireSamples {
    typealias Maybe = Int?

    struct Place: Codable, Hashable, Sendable {
        var shelf = 1
    }

    @Wire
    struct Order: Codable, Hashable, Sendable {
        var identifier: Int
        var note: String?
        var discount: Optional<Double>
        var level: Level!
        let version: UInt8
        var price = 1.5, `default` = "x"
        var x, y: Int
        var (left, right) = (true, Int8(-1))
        /// Of a type that is nested beside this one, and has no fast path.
        var place: Place
        var places: [Place?] { didSet { changes += 1 } }
        var tags: [String: Set<Int>]
        var nested: Int??
        var hidden: Maybe = nil
        var untyped = Maybe(3), none = Maybe.none
        private var changes = 0
        static let limit = 3
        var sum: Int { x + y }

        init(_ identifier: Int, note: String? = nil, level: Level? = nil, nested: Int?? = nil) {
            (self.identifier, self.note, self.level, self.nested) = (identifier, note, level, nested)
            (discount, version, x, y, place, places) = (nil, 2, 3, 400, Place(), [nil, Place(shelf: 300)])
            tags = ["a": [1, 2], "": []]
        }
    }

    @Wire
    struct Later: Codable, Sendable {
        var count = 3
        lazy var double = 2 * count
    }

    @Wire
    struct Renamed: Codable, Hashable, Sendable {
        var first: Int
        var second: Int?
        var cache = 5

        enum CodingKeys: String, CodingKey {
            case first = "z"
            case second
        }
    }

    /// What the macro adds is public, too.
    @Wire
    public struct Box<Value: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
        /// One.
        public var value: Value
        /// Others.
        public var more: [Value]?

        /// Makes a box.
        public init(value: Value, more: [Value]? = nil) { (self.value, self.more) = (value, more) }
    }

    @Wire
    struct Nothing: Codable, Hashable, Sendable {}

    @Wire
    struct Long: Codable, Hashable, Sendable {
        var aNameOfSixtyFourBytesWhichIsTheFirstLengthThatHasAHeadOfItsOwnXX = 1
        var z = 2
        var aNameOfSixtyThreeBytesWhichIsTheLastLengthWithoutAHeadOfItsOwnX = 3
    }

    @Wire
    enum Colour: String, Codable, Hashable, Sendable, CaseIterable { case red, green = "" }

    @Wire
    enum Level: UInt8, Codable, Hashable, Sendable { case low = 1, high = 200 }

    @Wire
    enum Plain: Codable, Hashable, Sendable, CaseIterable { case one, other, `default` }

    @Wire
    indirect enum Shape: Codable, Hashable, Sendable {
        case none
        case circle(radius: Double)
        case line(Place, Place)
        case group([Shape])
        case labelled(String, of: Shape), boxed(Box<Shape>)
        case maybe(Int?, longer: String?, in: Bool), hidden(Maybe)
    }

    static let orders = [
        Order(1), Order(.min, note: "naïve", level: .high, nested: .some(nil)), Order(500, note: "", nested: 3),
    ]

    static let shapes: [Shape] = [
        .none, .circle(radius: -0.0), .line(Place(), Place(shelf: -1)), .group([]), .group([.none, .group([.none])]),
        .labelled("é", of: .circle(radius: 1)), .boxed(Box(value: .none, more: [.none])),
        .maybe(nil, longer: nil, in: true), .maybe(300, longer: "x", in: false),
        .hidden(nil), .hidden(3),
    ]
}
