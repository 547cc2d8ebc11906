import Testing

@testable import LockstepCommand

@Suite
struct PayloadTests {
    /// A message and the sum that its writer has.
    private func message(size: Int, number: UInt64) -> (bytes: [UInt8], sum: UInt64) {
        var bytes = [UInt8](repeating: 0, count: size)
        var span = bytes.mutableSpan
        var raw = span.mutableBytes
        let sum = Payload.fill(&raw, number: number)
        return (bytes, sum)
    }

    @Test(arguments: [0, 1, 7, 8, 9, 15, 16, 63, 64, 65, 1000, 4096])
    func readersAndWriterHaveTheSameSum(size: Int) {
        for number in [0, 1, 12_345, UInt64.max] {
            let (bytes, sum) = message(size: size, number: number)
            #expect(Payload.sum(bytes.span.bytes) == sum)
        }
    }

    @Test(arguments: [1, 8, 13, 64, 100])
    func everyByteCounts(size: Int) {
        let (bytes, sum) = message(size: size, number: 7)
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] &+= 1
            #expect(Payload.sum(damaged.span.bytes) != sum, "byte \(index)")
        }
    }

    @Test
    func messagesDiffer() {
        #expect(message(size: 64, number: 1).bytes != message(size: 64, number: 2).bytes)
    }

    @Test(arguments: [(0, 8), (8, 8), (10, 16), (24, 24)])
    func messagesBehindEachOtherAreAsSingleOnes(size: Int, stride: Int) {
        var bytes = [UInt8](repeating: 0xFF, count: 5 * stride)
        let written = bytes.withUnsafeMutableBytes {
            Payload.fill($0, messageSize: size, stride: stride, firstNumber: 40)
        }
        let single = (0..<5).reduce(into: UInt64(0)) { $0 &+= message(size: size, number: 40 + UInt64($1)).sum }
        #expect(written == single)
        #expect(bytes.withUnsafeBytes { Payload.sum($0, messageSize: size, stride: stride) } == single)
        // Nothing is written between them.
        let gaps = bytes.indices.filter { $0 % stride >= size }
        #expect(gaps.allSatisfy { bytes[$0] == 0xFF })
    }
}
