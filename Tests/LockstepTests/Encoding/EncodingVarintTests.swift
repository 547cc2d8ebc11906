import Testing

@testable import Lockstep

extension EncodingTests {
    @Suite("Varints are written in one way, and read wherever they end")
    struct VarintTests {
        /// Both ends of each length, and what lies between.
        static let values: [UInt64] = {
            var values: [UInt64] = [0, .max, .max - 1]
            for bits in 0..<64 {
                let power: UInt64 = 1 << UInt64(bits)
                values += [power, power - 1, power | 1, 0x5A5A_5A5A_5A5A_5A5A >> UInt64(bits)]
            }
            return values
        }()

        /// Seven bits a byte, from the lowest on.
        private static func bytes(of value: UInt64) -> [UInt8] {
            var (bytes, rest) = ([UInt8](), value)
            while rest > 0x7F {
                bytes.append(UInt8(rest & 0x7F) | 0x80)
                rest >>= 7
            }
            return bytes + [UInt8(rest)]
        }

        private static func read(_ bytes: [UInt8], from offset: Int = 0) throws -> (value: UInt64, end: Int) {
            try bytes.withUnsafeBytes { buffer in
                var reader = WireReader(buffer)
                reader.offset = offset
                return (try reader.readVarint(), reader.offset)
            }
        }

        @Test(arguments: values)
        func areWrittenInOneWay(_ value: UInt64) {
            var writer = WireWriter()
            writer.writeHead(.unsigned, size: value)
            #expect(writer.bytes.dropFirst() == Self.bytes(of: value)[...])
            #expect(WireVarint.size(value) == writer.bytes.count - 1)
        }

        @Test(arguments: values)
        func areReadWhateverStandsAround(_ value: UInt64) throws {
            let varint = Self.bytes(of: value)
            for before in 0...9 {
                for (after, filler) in [(0, 0), (1, 0xFF), (3, 0), (9, 0x80), (9, 0x7F)] as [(Int, UInt8)] {
                    let behind = [UInt8](repeating: filler, count: after)
                    let bytes = [UInt8](repeating: 0xFF, count: before) + varint + behind
                    let (read, end) = try Self.read(bytes, from: before)
                    #expect(read == value && end == before + varint.count)
                }
            }
        }

        @Test(arguments: values)
        func areRefusedIfTheirEndIsMissing(_ value: UInt64) {
            let varint = Self.bytes(of: value)
            for count in 0..<varint.count {
                for before in [0, 1, 7, 8] {
                    let bytes = [UInt8](repeating: 0, count: before) + varint.prefix(count)
                    #expect(throws: WireError.self) { try Self.read(bytes, from: before) }
                }
            }
        }

        @Test(arguments: values.filter { $0 < 1 << 56 }, [0, 8])
        func areRefusedIfTheyAreLongerThanTheyNeedBe(_ value: UInt64, before: Int) {
            var varint = Self.bytes(of: value)
            varint[varint.count - 1] |= 0x80
            for after in [0, 8] {
                let bytes = [UInt8](repeating: 0, count: before) + varint + [0] + [UInt8](repeating: 0, count: after)
                #expect(throws: WireError.self) { try Self.read(bytes, from: before) }
            }
        }

        @Test
        func areRefusedIfTheyHaveMoreThan64Bits() {
            for last in [UInt8(2), 0x7F, 0x81] {
                let bytes = [UInt8](repeating: 0xFF, count: 9) + [last, 0]
                #expect(throws: WireError.self) { try Self.read(bytes) }
            }
        }
    }
}
