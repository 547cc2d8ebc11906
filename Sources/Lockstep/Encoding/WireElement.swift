/// How the elements of a collection are written and read, found once for all of them.
struct WireElement<Element: Codable> {
    private let path: any WirePath<Element>

    init() {
        path =
            if let type = Element.self as? any WireCodable.Type {
                Self.fast(type)
            } else {
                TreePath<Element>()
            }
    }

    private static func fast<Fast: WireCodable>(_ type: Fast.Type) -> any WirePath<Element> {
        guard let path = FastPath<Fast>() as? any WirePath<Element> else {
            preconditionFailure("a type that was cast from another must be that type")
        }
        return path
    }

    func write(_ element: Element, to writer: inout WireWriter) throws { try path.write(element, to: &writer) }

    func read(from reader: inout WireReader) throws -> Element { try path.read(from: &reader) }
}

private protocol WirePath<Element> {
    associatedtype Element
    func write(_ element: Element, to writer: inout WireWriter) throws
    func read(from reader: inout WireReader) throws -> Element
}

private struct FastPath<Element: WireCodable>: WirePath {
    func write(_ element: Element, to writer: inout WireWriter) throws { try element.write(to: &writer) }

    func read(from reader: inout WireReader) throws -> Element { try Element(wire: &reader) }
}

private struct TreePath<Element: Codable>: WirePath {
    func write(_ element: Element, to writer: inout WireWriter) throws { try writer.write(element) }

    func read(from reader: inout WireReader) throws -> Element { try reader.read() }
}
