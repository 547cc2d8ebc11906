/// The memory of a peer with which the way to it is agreed on: both sides tell each other what they have made for it, over a
/// connection that they have.
package protocol AgreedMemory: RemoteMemory {
    /// What the peer must be told.
    var offer: [UInt8] { get }

    /// Connects to the peer, which has told this. From here on it may write.
    func connect(to offer: [UInt8]) throws(FabricError)

    /// Sends something on each channel that changes nothing, to see whether the way is open. When the peer has connected
    /// too, and before a link is opened.
    func probe() throws(FabricError)

    /// Nothing leaves or comes any more.
    func fence()

    /// True when all of that has arrived. Throws when it never will.
    func isProbed() throws(FabricError) -> Bool
}
