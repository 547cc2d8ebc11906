import Glibc

/// Why a fabric could not be set up: what failed and how to mend it.
package struct FabricError: Error, CustomStringConvertible {
    package let description: String
    /// True if a setting of the node is the mend.
    package let isConfiguration: Bool

    package init(_ description: String, isConfiguration: Bool = false) {
        self.description = description
        self.isConfiguration = isConfiguration
    }

    /// A system call that failed with an error number.
    package static func system(_ what: String, _ code: Int32, mend: String) -> FabricError {
        FabricError("\(what): \(String(cString: strerror(code))). \(mend)")
    }
}
