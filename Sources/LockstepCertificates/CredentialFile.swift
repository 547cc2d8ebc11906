import Glibc

/// A file with a certificate or a key. It gets its name when it is whole.
package struct CredentialFile {
    package let path: String

    package init(_ path: String) { self.path = path }

    package var exists: Bool { access(path, F_OK) == 0 }

    package func read() throws(CertificateProblem) -> String {
        guard let file = fopen(path, "re") else { throw failed("opened") }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        guard ferror(file) == 0 else { throw failed("read") }
        guard let text = String(validating: bytes.prefix(count), as: UTF8.self) else {
            throw CertificateProblem("\(path) is not PEM: name another file.")
        }
        return text
    }

    /// - Parameters:
    ///   - isSecret: True if nobody but its owner may read it.
    ///   - isReplacing: False if there may be none yet.
    package func write(
        _ text: String, isSecret: Bool = false, isReplacing: Bool = false
    ) throws(CertificateProblem) {
        let draft = "\(path).\(UInt64.random(in: .min ... .max))"
        let number = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard number >= 0 else { throw failed("made") }
        defer { unlink(draft) }
        let bytes = Array(text.utf8)
        let isWhole = Glibc.write(number, bytes, bytes.count) == bytes.count && fsync(number) == 0
        let isReadable = isSecret || fchmod(number, 0o644) == 0
        guard close(number) == 0, isWhole, isReadable else { throw failed("written") }
        if isReplacing {
            guard rename(draft, path) == 0 else { throw failed("replaced") }
        } else if link(draft, path) != 0 {
            guard errno == EEXIST else { throw failed("made") }
            throw CertificateProblem("\(path) is there already, and is not overwritten: choose another folder.")
        }
    }

    /// Makes a folder, with all above it, for its owner alone.
    package static func makeFolder(_ path: String) throws(CertificateProblem) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw CredentialFile(path).failed("made")
        }
        try makeFolder(String(path[..<slash]))
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw CredentialFile(path).failed("made") }
    }

    private func failed(_ verb: String) -> CertificateProblem {
        CertificateProblem("\(path) cannot be \(verb): \(String(cString: strerror(errno))).")
    }
}
