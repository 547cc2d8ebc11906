import Glibc

/// The folder of the running program, where the package's other executables are built too.
public enum ExecutableFolder {
    /// The path of the running program.
    ///
    /// In the tests of a package that is the test bundle, or the tool that has loaded it from there.
    public static var runningProgram: String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        return String(decoding: buffer[..<max(0, count)], as: UTF8.self)
    }

    /// The path of an executable of this package that has been built beside the running one.
    public static func path(of name: String) throws(ProcessError) -> String {
        let program = runningProgram
        let path = program[...(program.lastIndex(of: "/") ?? program.startIndex)] + name
        guard access(String(path), X_OK) == 0 else {
            throw ProcessError("There is no executable \(path). Build it first, with swift build.")
        }
        return String(path)
    }
}
