#if TLS
    import ArgumentParser
    import Glibc
    import Lockstep

    /// For how long certificates are valid.
    enum CertificateTerm {
        static let secondsADay = 86_400
        static let days = 1...36_500
        /// The clocks of the nodes may be behind this host's.
        private static let secondsBefore = 3600

        /// In seconds since 1970.
        static func range(days: Int) -> Range<Int> {
            let now = time(nil)
            return now - secondsBefore..<now + days * secondsADay
        }
    }

    extension ValidationError {
        static func check(clusterName name: String) throws { try check(name, of: "--cluster") }

        static func check(nodeName name: String) throws { try check(name, of: "--name") }

        /// Throws a sentence if a name is none that a configuration may have, or no folder may have it.
        private static func check(_ name: String, of option: String) throws {
            guard NodeConfiguration.isName(name), ![".", ".."].contains(name) else {
                throw ValidationError(
                    "\(option) must be 1 to 64 of the characters A-Z a-z 0-9 . _ - and is \"\(name)\".")
            }
        }
    }
#endif
