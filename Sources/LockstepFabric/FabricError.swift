import Glibc

/// Why a fabric could not be set up: what failed and how to mend it.
package struct FabricError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }

    /// A system call that failed with an error number.
    package static func system(_ what: String, _ code: Int32, mend: String) -> FabricError {
        FabricError("\(what): \(String(cString: strerror(code))). \(mend)")
    }
}
