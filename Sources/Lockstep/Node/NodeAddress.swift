/// Where a node listens: a name or an address, and a port.
///
/// ```swift
/// let address = NodeAddress("10.0.0.7", port: 7400)
/// let same: NodeAddress = "10.0.0.7:7400"
/// let six: NodeAddress = "[fd00::7]:7400"
/// ```
public struct NodeAddress: Sendable, Hashable {
    /// A name that the system can resolve, or an address of IPv4 or IPv6.
    public var host: String
    /// 0 lets the system choose one, where a node listens.
    public var port: Int

    /// An address from its parts.
    public init(_ host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`, with brackets around an address of IPv6; nil if it is something else.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        self.init(String(host), port: port)
    }
}

extension NodeAddress: CustomStringConvertible {
    /// `host:port`, as it can be read again.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension NodeAddress: ExpressibleByStringLiteral {
    /// `host:port`; anything else is a mistake of the program.
    public init(stringLiteral text: String) {
        guard let address = NodeAddress(text) else { preconditionFailure("\"\(text)\" must be host:port") }
        self = address
    }
}
