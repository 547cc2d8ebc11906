/// A message that a task of the poller's thread has written, and waits for as soon as it is sent.
struct OutgoingMessage {
    let space: RingSpace
    let reply: PendingReply

    var waiting: InFlight { .reply(reply) }
}
