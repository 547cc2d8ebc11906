import Foundation

/// Runs the cases, one after the other: two at once would measure each other.
struct Runner {
    let lockstep: String
    let mpi: MessagePassing
    let seconds: Double

    /// MPI runs right after Lockstep, so that both find the machine in the same state.
    func measure(_ one: Case) -> Row {
        let arguments = Runner.arguments(
            members: "\(one.members)", senders: one.senders.rawValue, size: "\(one.size)", seconds: seconds
        )
        let ring = one.ringBytes.map { ["--ring-bytes", "\($0)"] } ?? []
        let measurement: Outcome<Measurement> = ChildProcess.run([lockstep] + arguments + ring, seconds: limit)
        guard one.senders == .one else { return Row(place: one, lockstep: measurement, mpi: .absent("")) }
        return Row(
            place: one, lockstep: measurement,
            mpi: mpi.measure(members: one.members, size: one.size, seconds: seconds, limit: limit)
        )
    }

    static func arguments(members: String, senders: String, size: String, seconds: Double) -> [String] {
        [
            "perf", "multicast", "--members", members, "--senders", senders, "--size", size,
            "--seconds", seconds.short, "--json",
        ]
    }

    /// A run that takes this long hangs. Starting, calibrating and warming up take their time too.
    private var limit: Double { 5 * seconds + 60 }
}

/// MPI_Bcast with the same members and size, if Open MPI is installed.
struct MessagePassing {
    let program: URL

    /// Processes that wait give way to others, as ours do: there may be more of them than cores.
    static let launch = ["mpirun", "--allow-run-as-root", "--oversubscribe", "--mca", "mpi_yield_when_idle", "1"]

    /// The first line of `mpirun --version`, or nothing if there is no Open MPI, or there was none to build with.
    let version: String?

    init(program: URL) {
        self.program = program
        let isBuilt = FileManager.default.isExecutableFile(atPath: program.path)
        let answer = isBuilt ? try? ChildProcess.output(of: ["mpirun", "--version"], seconds: 10) : nil
        version = answer?.split(separator: "\n").first.map(String.init)
    }

    func measure(members: Int, size: Int, seconds: Double, limit: Double) -> Outcome<Broadcast> {
        guard version != nil else { return .absent("not installed") }
        return ChildProcess.run(
            MessagePassing.launch + ["-np", "\(members)", program.path, "\(size)", seconds.short], seconds: limit
        )
    }
}
