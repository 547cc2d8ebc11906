import Foundation
import Lockstep
import LockstepCertificates

/// The certificates of the members of a measurement, in a folder that is gone when this is.
final class PerfCredentials {
    /// Has a folder for each member, with its name.
    let folder: String

    init(_ cluster: String, members: [String]) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: cluster).path
        #if TLS
            let term = CertificateTerm.range(days: 1)
            let authority = try CertificateAuthority(of: cluster, valid: term)
            for name in members {
                try authority.makeNode(
                    NodeIdentity(cluster: cluster, name: name), in: "\(folder)/\(name)", valid: term)
            }
        #else
            throw PerfFailure("This program was built without TLS: build it with the trait `TLS`.")
        #endif
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }
}
