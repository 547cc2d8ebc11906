import Foundation
import Lockstep

/// The encodings, each with memory and coders that are used again and again.
enum Encodings {
    /// The wire format. The closures are of one type each, so that the compiler chooses for it, as in generated code.
    static func wire(
        _ write: (inout WireWriter) throws -> Void, _ read: (inout WireReader) throws -> Void
    ) throws -> Cost {
        var writer = WireWriter()
        let encode = try nanoseconds {
            writer.removeAll()
            try write(&writer)
        }
        let decode = try writer.withBytes { bytes in
            try nanoseconds {
                var reader = WireReader(bytes)
                try read(&reader)
                try reader.finish()
            }
        }
        return Cost(encode: encode, decode: decode)
    }

    /// The wire format, for a type of which the compiler knows only that it is `Codable`.
    static func codable<T: Codable>(_ value: T) throws -> Cost {
        var writer = WireWriter()
        let encode = try nanoseconds {
            writer.removeAll()
            try writer.write(value)
        }
        let decode = try writer.withBytes { bytes in
            try nanoseconds {
                var reader = WireReader(bytes)
                keep(try reader.read(T.self))
            }
        }
        return Cost(encode: encode, decode: decode)
    }

    static func json<T: Codable>(_ values: [T]) throws -> Cost {
        let (encoder, decoder) = (JSONEncoder(), JSONDecoder())
        let encoded = try values.map { try encoder.encode($0) }
        return Cost(
            encode: try nanoseconds { for value in values { keep(try encoder.encode(value)) } },
            decode: try nanoseconds { for data in encoded { keep(try decoder.decode(T.self, from: data)) } }
        )
    }

    static func propertyList<T: Codable>(_ values: [T]) throws -> Cost {
        let (encoder, decoder) = (PropertyListEncoder(), PropertyListDecoder())
        encoder.outputFormat = .binary
        let encoded = try values.map { try encoder.encode([$0]) }
        return Cost(
            encode: try nanoseconds { for value in values { keep(try encoder.encode([value])) } },
            decode: try nanoseconds { for data in encoded { keep(try decoder.decode([T].self, from: data)) } }
        )
    }

    /// A call of three integers, with its dispatch.
    static func call() throws -> Cost {
        let counter = Counter()
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 64, alignment: 16)
        defer { memory.deallocate() }
        var count = 0
        let encode = try nanoseconds { count = try Call.encode((5, 70, 800), into: memory) }
        let bytes = UnsafeRawBufferPointer(rebasing: memory[..<count])
        let decode = try nanoseconds { try Call.run(bytes, on: counter) }
        keep(counter.sum)
        return Cost(encode: encode, decode: decode)
    }
}
