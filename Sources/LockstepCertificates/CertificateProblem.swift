/// Why a certificate cannot be made or read, and what to do.
package struct CertificateProblem: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
