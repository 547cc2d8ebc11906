import Distributed
import Lockstep

/// The state that newcomers are given when that is measured.
@Replicated
distributed actor TransferPayload {
    private var bytes: [UInt8] = []
    private var map: [UInt64: UInt64] = [:]

    /// Makes the state some bytes larger.
    distributed func addBytes(_ count: Int) {
        bytes.append(contentsOf: repeatElement(0x5A, count: count))
    }

    /// Gives the state some more entries, of 16 bytes each.
    distributed func addEntries(_ count: Int) {
        for number in UInt64(map.count)..<UInt64(map.count + count) { map[number &* 0x9E37_79B9_7F4A_7C15] = number }
    }
}
