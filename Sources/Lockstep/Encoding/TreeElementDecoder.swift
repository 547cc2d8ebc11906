/// Decodes elements: of an array, a set, bytes, or a map, whose keys and values alternate.
struct TreeElementDecoder: UnkeyedDecodingContainer {
    private let decoder: TreeDecoder
    /// At the next element.
    private var reader: WireReader
    private let length: Int
    /// True if the elements are bytes without heads.
    private let isBytes: Bool
    private(set) var currentIndex = 0

    var codingPath: [any CodingKey] { decoder.codingPath }
    var count: Int? { length }
    var isAtEnd: Bool { currentIndex == length }

    /// Enters the container at which the decoder stands.
    init(decoder: TreeDecoder) throws {
        self.decoder = decoder
        reader = decoder.reader
        let head = try reader.readPresentHead()
        switch head {
        case .array(let count), .set(let count): (length, isBytes) = (count, false)
        case .bytes(let count): (length, isBytes) = (count, true)
        case .map(let count): (length, isBytes) = (2 * count, false)
        default: throw reader.unexpected(head, expected: "an array", at: decoder.reader.offset)
        }
        if !isBytes { try reader.descend() }
    }

    mutating func decodeNil() throws -> Bool {
        try requireElement(Never?.self)
        guard !isBytes, try reader.isNil() else { return false }
        try advance()
        return true
    }

    mutating func decode(_ type: UInt8.Type) throws -> UInt8 {
        guard isBytes else { return try decodeElement(type) }
        try requireElement(type)
        currentIndex += 1
        return try reader.readByte()
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        try decodeElement(type)
    }

    mutating func decodeIfPresent<T: Decodable>(_ type: T.Type) throws -> T? {
        isAtEnd ? nil : try decodeElement(T?.self)
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        try nested { try $0.container(keyedBy: type) }
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try nested { try $0.unkeyedContainer() }
    }

    mutating func superDecoder() throws -> any Decoder {
        try nested { $0 }
    }
}

// MARK: - Elements

extension TreeElementDecoder {
    // An element that does not decode stays the next one, so that another type can be tried.

    private mutating func decodeElement<T: Decodable>(_ type: T.Type) throws -> T {
        try requireElement(type)
        guard isBytes else { return try nested { try $0.value(type) } }
        let value = try WireReader.read(type, fromByte: reader.buffer[reader.offset])
        try advance()
        return value
    }

    private mutating func nested<R>(_ body: (TreeDecoder) throws -> R) throws -> R {
        try requireElement(R.self)
        if isBytes { throw mismatch(R.self) }
        let result = try body(decoder.nested(reader, at: TreeIndex(currentIndex)))
        try advance()
        return result
    }

    private mutating func advance() throws {
        if isBytes { _ = try reader.readByte() } else { try reader.skip() }
        currentIndex += 1
    }

    private func requireElement(_ type: Any.Type) throws {
        guard isAtEnd else { return }
        throw DecodingError.valueNotFound(type, context("An element was expected; there are \(length)."))
    }

    private func mismatch(_ type: Any.Type) -> DecodingError {
        .typeMismatch(type, context("A container was expected and a byte was found."))
    }

    private func context(_ description: String) -> DecodingError.Context {
        let path = codingPath + [TreeIndex(currentIndex)]
        return DecodingError.Context(codingPath: path, debugDescription: description)
    }
}
