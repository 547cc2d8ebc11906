import Foundation

/// Programs that print one JSON object.
enum ChildProcess {
    struct Failure: Error {
        let sentence: String
    }

    /// Runs a program, and reads the last line that it prints.
    static func run<Value: Decodable>(_ command: [String], seconds: Double) -> Outcome<Value> {
        do {
            let text = try output(of: command, seconds: seconds)
            guard let line = text.split(separator: "\n").last else { return .failed("it printed nothing") }
            return .done(try JSONDecoder().decode(Value.self, from: Data(line.utf8)))
        } catch let failure as Failure {
            return .failed(failure.sentence)
        } catch {
            return .failed("its output is not as expected")
        }
    }

    /// What a program prints; it is ended when its time is over. What it has to say besides goes to standard error.
    static func output(of command: [String], seconds: Double) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["timeout", "--foreground", "--kill-after=5", "\(Int(seconds))"] + command
        let pipe = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = FileHandle.standardError
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        switch process.terminationStatus {
        case 0: return String(decoding: data, as: UTF8.self)
        case 124, 137: throw Failure(sentence: "not done after \(Int(seconds)) s")
        case 127: throw Failure(sentence: "there is no such program")
        default: throw Failure(sentence: "exit status \(process.terminationStatus)")
        }
    }
}

/// What happens meanwhile, on standard error.
enum Progress {
    static func show(_ line: String) { FileHandle.standardError.write(Data("\(line)\n".utf8)) }
}
