/// How long other threads may keep a busy core from those that want it, in nanoseconds.
package enum TimeSlice {
    /// For threads that move bytes: a tenth of what the kernel gives others. (A member joins, and the calls of the others pause
    /// for a third less; shorter turns brought nothing, and throughput is the same.)
    package static let ofMovers: Int64 = 300_000
}
