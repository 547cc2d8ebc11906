import Crypto

/// What the nodes of a cluster prove to each other that they know, before they say anything else.
///
/// ```swift
/// var configuration = NodeConfiguration(cluster: "shop", name: "a", expecting: 3)
/// configuration.key = .file("/run/secrets/shop")
/// ```
///
/// A node with another key is refused, and finds out itself: it throws ``LockstepError/Code/invalidConfiguration``, the
/// member's log says whom it has turned away, and the cluster goes on. The key itself is never sent.
public struct ClusterKey: Sendable, Hashable {
    private enum Source: Sendable, Hashable {
        case ofThisUser
        case file(String)
        case secret([UInt8])
    }

    /// A shorter one could be guessed from a handshake that somebody has listened to.
    private static let sizes = 16...1024

    private let source: Source

    /// 32 random bytes, made on first use, in a file that its owner alone can read: `lockstep/key` in
    /// `$XDG_STATE_HOME` or, without that, in `~/.local/state`. So all nodes of one user on one host have the same.
    public static let ofThisUser = ClusterKey(source: .ofThisUser)

    /// The bytes of a file, all of them: 16 to 1024, random. Nobody but its owner may be able to read or write it
    /// (mode 600 or 400).
    public static func file(_ path: String) -> ClusterKey { ClusterKey(source: .file(path)) }

    /// These bytes: 16 to 1024, random.
    public static func secret(_ bytes: [UInt8]) -> ClusterKey { ClusterKey(source: .secret(bytes)) }

    /// Finds the key.
    ///
    /// - Throws: ``LockstepError/Code/invalidConfiguration`` if it cannot be read or made, may be known to others, or
    ///   is of the wrong size.
    func load() throws(LockstepError) -> SymmetricKey {
        switch source {
        case .ofThisUser: return SymmetricKey(data: try KeyFile.ofThisUser().readOrMake())
        case .file(let path): return SymmetricKey(data: try KeyFile(path: path, sizes: Self.sizes).read())
        case .secret(let bytes):
            guard Self.sizes.contains(bytes.count) else {
                throw LockstepError(
                    .invalidConfiguration,
                    """
                    A cluster's key has \(Self.sizes.lowerBound) to \(Self.sizes.upperBound) bytes, and this one has \
                    \(bytes.count): give all nodes another.
                    """
                )
            }
            return SymmetricKey(data: bytes)
        }
    }
}

extension ClusterKey: CustomStringConvertible, CustomReflectable {
    /// Where the key comes from, and never the key.
    public var description: String {
        switch source {
        case .ofThisUser: "the key of this user"
        case .file(let path): "the key in \(path)"
        case .secret: "a secret"
        }
    }

    /// Nothing: a key must not get into a log.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
