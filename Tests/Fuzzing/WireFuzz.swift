// What libFuzzer runs; `scripts/fuzz` compiles it together with Sources/Lockstep/Encoding.

/// Reads the bytes as several types. Whatever they are, nothing may crash, and what is read must survive.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    read(Int.self, bytes)
    read(Int8.self, bytes)
    read(UInt128.self, bytes)
    read(Double.self, bytes)
    read(String.self, bytes)
    read([UInt8].self, bytes)
    read([Int?].self, bytes)
    read(Set<String>.self, bytes)
    read([String: [Double?]].self, bytes)
    read([Int: Set<Colour>].self, bytes)
    read([Shape].self, bytes)
    read(Loose.self, bytes)
    compare(Item.self, PlainItem.self, bytes)
    compare(Move.self, PlainMove.self, bytes)
    return 0
}

/// What is read is written so that it reads and writes the same again.
private func read<T: Codable>(_ type: T.Type, _ bytes: UnsafeRawBufferPointer) {
    guard let value = decode(type, bytes) else { return }
    let written = encode(value)
    let again = written.withUnsafeBytes { decode(type, $0) }
    guard let again, encode(again) == written else { fatalError("\(value) does not come back from \(written)") }
}

/// The two ways to read and write a type agree.
private func compare<Fast: WireCodable, Slow: Codable>(
    _ fast: Fast.Type, _ slow: Slow.Type, _ bytes: UnsafeRawBufferPointer
) {
    let (fast, slow) = (decode(fast, bytes).map(encode), decode(slow, bytes).map(encode))
    guard fast == slow else { fatalError("\(String(describing: fast)), but \(String(describing: slow))") }
}

private func decode<T: Decodable>(_ type: T.Type, _ bytes: UnsafeRawBufferPointer) -> T? {
    var reader = WireReader(bytes)
    guard let value = try? reader.read(type), reader.left == 0 else { return nil }
    return value
}

private func encode<T: Encodable>(_ value: T) -> [UInt8] {
    var writer = WireWriter()
    do {
        try writer.write(value)
    } catch {
        // The types have no limits of their own, and a reader goes no deeper than a writer.
        guard case WireError.ambiguous = error else { fatalError("\(value) was read, and not written: \(error)") }
    }
    return writer.bytes
}
