@testable import Lockstep

/// A client that does only what a test says.
final class RawClient {
    let connection: ClientConnection
    private(set) var key = SessionKey(opened: 0, nonce: 1)
    private var asked: UInt64 = 0

    /// Connects with a member, and says who it is if it is to.
    init(to address: ClientAddress, in cluster: String, greets: Bool = true) async throws {
        let socket = try LocalSocket.connect(to: address.text).get()
        connection = ClientConnection(
            socket, as: .caller, at: address.text, key: try ClusterKey.ofThisUser.load())
        guard greets else { return }
        while !connection.isProven { if case .end = try await poll() { throw Gone() } }
        _ = connection.send(.hello(cluster: cluster, name: "raw"))
        guard case .members? = try await next() else { throw Gone() }
    }

    struct Gone: Error {}

    private func poll() async throws -> ClientConnection.Arrival {
        try await Task.sleep(for: .milliseconds(1))
        _ = connection.flush()
        return connection.receive()
    }

    /// The next message; nil when the member has ended the connection.
    func next() async throws -> ClientMessage? {
        while true {
            switch try await poll() {
            case .message(let message): return message
            case .end: return nil
            case .nothing: continue
            }
        }
    }

    /// The answer to a request.
    func ask(_ request: ClientRequest) async throws -> ClientMessage {
        asked += 1
        _ = connection.send(.request(asked, request))
        while let message = try await next() {
            switch message {
            case .answer(asked, _), .refusal(asked, _, _): return message
            default: continue
            }
        }
        throw Gone()
    }

    func open(_ group: GroupID, _ schema: ActorSchema, timeout: Duration) async throws {
        let open = ClientRequest.open(
            group, nonce: 1, timeout: timeout.nanoseconds, schema: try WireWriter.bytes(of: schema))
        guard case .answer(_, let answer) = try await ask(open) else { throw Gone() }
        key = SessionKey(opened: answer.version, nonce: 1)
    }
}
