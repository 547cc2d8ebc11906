import LockstepTesting
import Testing

/// What may become of bytes before they reach a parser, which must stand all of it.
struct Damage {
    /// How many times bytes are damaged in several places at once.
    var seeds = 300

    /// Numbers that parsers like to add to something.
    private static let hardNumbers: [UInt64] = [
        0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF, .max,
    ]

    /// Cuts the bytes everywhere, turns every bit over, and then does several things at once, by seed.
    func each(of bytes: [UInt8], _ body: ([UInt8]) -> Void) {
        for count in bytes.indices { body(Array(bytes[..<count])) }
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            body(damaged)
        }
        for seed in 0..<seeds {
            var random = SeededRandom(seed: UInt64(seed))
            var damaged = bytes
            for _ in 0..<random.pick(1...4) { damage(&damaged, random: &random) }
            body(damaged)
        }
    }

    private func damage(_ bytes: inout [UInt8], random: inout SeededRandom) {
        let place = random.pick(0...bytes.count)
        let length = random.pick(0...min(16, bytes.count - place))
        switch random.pick(0...4) {
        case 0:
            bytes.removeSubrange(place..<place + length)
        case 1:
            bytes.insert(contentsOf: bytes[place..<place + length], at: random.pick(0...bytes.count))
        case 2:
            bytes.insert(contentsOf: (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }, at: place)
        case 3:
            for index in place..<place + length { bytes[index] = UInt8(truncatingIfNeeded: random.next()) }
        default:
            let number = random.pick(Self.hardNumbers)
            for index in place..<place + min(random.pick([1, 2, 4, 8]), length) {
                bytes[index] = UInt8(truncatingIfNeeded: number >> UInt64((index - place) * 8))
            }
        }
    }

    /// Checks that whatever a parser takes for a message is one: written, it reads as itself.
    ///
    /// - Parameters:
    ///   - messages: Messages that are as they should be, encoded.
    ///   - rewrite: Reads bytes as a message and writes it again.
    func check(_ messages: [[UInt8]], _ rewrite: ([UInt8]) throws -> [UInt8]) throws {
        for message in messages {
            #expect(try rewrite(message) == message)
            each(of: message) { damaged in
                guard let written = try? rewrite(damaged) else { return }
                #expect((try? rewrite(written)) == written)
            }
        }
    }
}
