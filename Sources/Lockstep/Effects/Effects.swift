/// What a replica keeps beside the actor's properties, for what updates leave to be done and for clients: a part of its
/// state.
struct Effects {
    var timers = Timers()
    var outbox = Outbox()
    var forwarded = ForwardedCalls()
    var sessions = ClientSessions()

    init() {}

    func hash(into hasher: inout StateHasher) {
        timers.hash(into: &hasher)
        outbox.hash(into: &hasher)
        forwarded.hash(into: &hasher)
        sessions.hash(into: &hasher)
    }

    func write(to writer: inout StateWriter) {
        timers.write(to: &writer)
        outbox.write(to: &writer)
        forwarded.write(to: &writer)
        sessions.write(to: &writer)
    }

    init(from reader: StateReader) throws {
        timers = try Timers(from: reader)
        outbox = try Outbox(from: reader)
        forwarded = try ForwardedCalls(from: reader)
        sessions = try ClientSessions(from: reader)
    }

    /// Begins anew with what stands: another member may have done it until now, or not.
    mutating func takeOver() {
        timers.proposeAgain()
        outbox.beginAgain()
        sessions.proposeAgain()
    }
}
