/// Counts times in buckets that grow with the time: none is more than 3 % wide.
struct LatencyHistogram {
    private static let stepsLog2 = 5
    private static let steps = 1 << stepsLog2

    private var counts = [UInt64](repeating: 0, count: (65 - stepsLog2) * steps)

    /// How many times were recorded.
    private(set) var count: UInt64 = 0
    /// The longest, exactly.
    private(set) var max: UInt64 = 0

    /// Counts a time in nanoseconds.
    mutating func record(_ nanoseconds: UInt64) {
        counts[Self.bucket(of: nanoseconds)] += 1
        count += 1
        max = Swift.max(max, nanoseconds)
    }

    /// A time that this part of all times does not exceed; 0 if there are none.
    func percentile(_ part: Double) -> UInt64 {
        let wanted = Swift.max(1, UInt64((part * Double(count)).rounded(.up)))
        var seen: UInt64 = 0
        for (bucket, count) in counts.enumerated() where count > 0 {
            seen += count
            if seen >= wanted { return Swift.min(Self.limit(of: bucket), max) }
        }
        return max
    }

    /// Below `steps` each value has its own bucket; above, each power of two has `steps` of them.
    static func bucket(of value: UInt64) -> Int {
        guard value >= steps else { return Int(value) }
        let shift = UInt64.bitWidth - 1 - value.leadingZeroBitCount - stepsLog2
        return shift * steps + Int(value >> UInt64(shift))
    }

    /// The greatest value of a bucket.
    static func limit(of bucket: Int) -> UInt64 {
        guard bucket >= 2 * steps else { return UInt64(bucket) }
        let shift = UInt64(bucket / steps - 1)
        return (UInt64(bucket % steps + steps) << shift) | ((1 << shift) - 1)
    }
}
