/// How queue pairs are set up.
package struct VerbsSettings: Sendable, Equatable {
    /// Up to so many bytes a request holds a copy of its own. Longer ones, and all where the device gives less, are copied
    /// to a slot of registered memory.
    package var inlineBytes = 128
    /// How many writes to one peer may be on their way.
    package var queueDepth = 512
    /// How long the device waits for a peer's answer before it sends again: 4.096 µs times 2 to the power of this.
    package var timeout: UInt8 = 12
    /// How often it sends again. With the timeout of 17 ms, a dead peer is known after a few tenths of a second. 7 would be
    /// for ever on some devices.
    package var retries: UInt8 = 5
    /// The traffic class of RoCE packets, from which switches take their priority.
    package var trafficClass: UInt8 = 0
    /// The service level of InfiniBand packets.
    package var serviceLevel: UInt8 = 0

    package init() {}

    /// Settings with which the device gives a dead peer up no sooner than after `time`, so that a cable that is out for less
    /// breaks no connection.
    package init(givingUpAfter time: Duration) {
        let (seconds, attoseconds) = time.components
        let wanted = Double(seconds) * 1e9 + Double(attoseconds) / 1e9
        // Devices know numbers up to 31.
        while timeout < 24, 4096 * Double(1 << Int(timeout)) * Double(retries + 1) < wanted { timeout += 1 }
    }
}
