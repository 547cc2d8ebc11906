import Foundation

/// The pictures of a table. What was not measured is not drawn, and a picture of nothing is not made.
enum Plots {
    static func all(of rows: [Row]) -> [Plot] { [throughput(rows), latency(rows)].compactMap(\.self) }

    // MARK: - Throughput by size

    private static let pictured = 3

    private static func throughput(_ rows: [Row]) -> Plot? {
        let rows = rows.filter { $0.place.members == pictured }
        let one = rows.filter { $0.place.senders == .one }
        let all = rows.filter { $0.place.senders == .all }
        let series = [
            Series(name: "ring's limit, all send", style: .limit, points: points(all) { limit($0) }),
            Series(name: "ring's limit, one sends", style: .limit, isDashed: true, points: points(one) { limit($0) }),
            Series(name: "Lockstep, all send", style: .first, points: points(all) { lockstep($0) }),
            Series(name: "Lockstep, one sends", style: .first, isDashed: true, points: points(one) { lockstep($0) }),
            Series(name: "MPI_Bcast, one sends", style: .second, isDashed: true, points: points(one) { mpi($0) }),
        ].filter { !$0.points.isEmpty }
        let sizes = Set(rows.map(\.place.size)).sorted()
        guard let smallest = sizes.first, let largest = sizes.last, smallest < largest, !series.isEmpty else {
            return nil
        }
        let x = Axis(
            label: "size of a message", ticks: sizes.map { (Double($0), $0.asBytes) }, isLogarithmic: true,
            range: Double(smallest)...Double(largest)
        )
        let y = Axis.decades("bytes per second", around: series.flatMap { $0.points.map(\.y) }, bytesPerSecond)
        let title = "Throughput by the size of a message"
        let chart = Chart(title: title, subtitle: "\(pictured) members on one host", x: x, y: y, series: series)
        return Plot(file: "throughput.svg", title: title, svg: chart.svg)
    }

    private static func points(_ rows: [Row], _ value: (Row) -> Double?) -> [(x: Double, y: Double)] {
        rows.compactMap { row in value(row).map { (Double(row.place.size), $0) } }
    }

    private static func lockstep(_ row: Row) -> Double? { row.lockstep.value?.bytesPerSecond }

    private static func mpi(_ row: Row) -> Double? { row.mpi.value?.bytesPerSecond }

    private static func limit(_ row: Row) -> Double? {
        row.lockstep.value?.ringLimitMessagesPerSecond.map { $0 * Double(row.place.size) }
    }

    private static func bytesPerSecond(_ decade: Double) -> String {
        let units: [(Double, String)] = [(1e12, "TB/s"), (1e9, "GB/s"), (1e6, "MB/s"), (1e3, "kB/s")]
        return tick(decade, units, "B/s")
    }

    private static func nanoseconds(_ decade: Double) -> String {
        tick(decade, [(1e9, "s"), (1e6, "ms"), (1e3, "µs")], "ns")
    }

    /// A power of ten in the largest unit that it fills.
    private static func tick(_ decade: Double, _ units: [(size: Double, name: String)], _ smallest: String) -> String {
        let unit = units.first { decade >= 0.999 * $0.size } ?? (1, smallest)
        return "\((decade / unit.size).rounded().short) \(unit.name)"
    }

    // MARK: - Latency by members

    /// The smallest size that was measured: larger ones add the time to fill and read them.
    private static func latency(_ rows: [Row]) -> Plot? {
        guard let size = rows.map(\.place.size).min() else { return nil }
        let rows = rows.filter { $0.place.size == size }
        let members = Set(rows.map(\.place.members)).sorted()
        guard members.count > 1 else { return nil }
        let one = rows.filter { $0.place.senders == .one }
        let all = rows.filter { $0.place.senders == .all }
        let series = [
            Series(name: "p99, all send", style: .first, points: latencies(all, p99)),
            Series(name: "p50, all send", style: .first, isDashed: true, points: latencies(all, p50)),
            Series(name: "p99, one sends", style: .third, points: latencies(one, p99)),
            Series(name: "p50, one sends", style: .third, isDashed: true, points: latencies(one, p50)),
            Series(name: "wake limit", style: .limit, points: latencies(rows, \.wakeLimitNanoseconds)),
        ].filter { !$0.points.isEmpty }
        guard !series.isEmpty else { return nil }
        let x = Axis(
            label: "members", ticks: members.map { (Double($0), "\($0)") }, isLogarithmic: false,
            range: Double(members[0]) - 0.25...Double(members.last!) + 0.25
        )
        let y = Axis.decades("latency", around: series.flatMap { $0.points.map(\.y) }, nanoseconds)
        let title = "Latency by the number of members"
        let subtitle = "Messages of \(size.asBytes), from sending to delivery at the sender"
        let chart = Chart(title: title, subtitle: subtitle, x: x, y: y, series: series)
        return Plot(file: "latency.svg", title: title, svg: chart.svg)
    }

    private static func p50(_ measurement: Measurement) -> Double? { measurement.latencyNanoseconds?.p50 }

    private static func p99(_ measurement: Measurement) -> Double? { measurement.latencyNanoseconds?.p99 }

    /// By members, and of several runs with as many the middle one.
    private static func latencies(_ rows: [Row], _ value: (Measurement) -> Double?) -> [(x: Double, y: Double)] {
        let groups = Dictionary(grouping: rows, by: \.place.members)
        return groups.sorted { $0.key < $1.key }.compactMap { members, rows in
            let values = rows.compactMap { $0.lockstep.value.flatMap(value) }.sorted()
            return values.isEmpty ? nil : (Double(members), values[values.count / 2])
        }
    }
}
