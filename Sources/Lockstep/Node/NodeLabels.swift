import Glibc

/// What a node says of itself and of where it is, for layouts to go by.
///
/// ```swift
/// configuration.labels = ["zone": "eu-1", "rack": "r7", "disk": "ssd"]
/// ```
///
/// Ready-made layouts look at `zone`, `rack` and `host`, and keep the replicas of a group apart by them. Without a `host`
/// a node takes the name of its machine.
public struct NodeLabels: Sendable, Hashable, Codable, ExpressibleByDictionaryLiteral, CustomStringConvertible {
    private var values: [String: String]

    /// The longest that all labels of a node may be together, in bytes.
    public static let bytesMax = 256
    /// How many labels a node may have.
    public static let countMax = 16

    /// Labels by their names.
    public init(_ values: [String: String] = [:]) { self.values = values }

    /// Labels by their names; of two with one name the last counts.
    public init(dictionaryLiteral elements: (String, String)...) {
        values = Dictionary(elements) { _, last in last }
    }

    /// The label with a name, nil if there is none.
    public subscript(name: String) -> String? {
        get { values[name] }
        set { values[name] = newValue }
    }

    /// Where the power and the network fail together.
    public var zone: String? { self["zone"] }
    /// A part of a zone that fails as one.
    public var rack: String? { self["rack"] }
    /// The machine.
    public var host: String? { self["host"] }

    /// What fails together, from the widest to the narrowest.
    static let levels = ["zone", "rack", "host"]

    /// For logs: `disk=ssd, zone=eu-1`.
    public var description: String {
        sorted.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
    }

    var sorted: [(key: String, value: String)] { values.sorted { $0.key < $1.key } }

    var byteCount: Int { values.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count } }

    /// With the machine's name, if none was given.
    var located: NodeLabels {
        var labels = self
        if labels.host == nil { labels["host"] = Self.machineName }
        return labels
    }

    func check() throws(LockstepError) {
        guard values.count <= Self.countMax, byteCount <= Self.bytesMax else {
            throw LockstepError(
                .invalidConfiguration,
                """
                A node may have \(Self.countMax) labels of \(Self.bytesMax) bytes together, names and values and that of \
                its host. It has \(values.count) of \(byteCount) bytes.
                """
            )
        }
    }

    private static let machineName: String = {
        var bytes = [UInt8](repeating: 0, count: 65)
        let result = bytes.withUnsafeMutableBytes { buffer in
            buffer.withMemoryRebound(to: CChar.self) { gethostname($0.baseAddress!, $0.count - 1) }
        }
        return result == 0 ? String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) : "unnamed"
    }()
}
