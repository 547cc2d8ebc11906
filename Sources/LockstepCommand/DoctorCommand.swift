import ArgumentParser
import CLockstep
import Glibc

/// Says whether this host can run Lockstep well.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check that this host can run Lockstep well.",
        discussion: """
            Every line is good (ok), could be better (note) or stops Lockstep from working (bad), and then \
            says how to mend it. The exit code is 1 if anything is bad.
            """
    )

    func run() throws {
        let findings = [Finding.kernel, .cores, .numa, .rdma]
        for finding in findings { Terminal.write(finding.text) }
        if findings.contains(where: { $0.grade == .bad }) { throw ExitCode.failure }
    }
}

/// One thing that the doctor has looked at.
struct Finding: Equatable {
    enum Grade: String {
        case good = "ok"
        case warning = "note"
        case bad = "bad"

        fileprivate var style: Style {
            switch self {
            case .good: .green
            case .warning: .yellow
            case .bad: .red
            }
        }
    }

    let grade: Grade
    let fact: String
    var mend: String?

    /// The finding and, below it, what to do.
    var text: String {
        let word = grade.rawValue.rightPadded(to: 4)
        let line = "\(Terminal.hasColor ? grade.style(word) : word)  \(fact)\n"
        return line + (mend.map { "      \($0)\n" } ?? "")
    }
}

// MARK: - What is looked at

extension Finding {
    static var kernel: Finding {
        lockstep_futex_probe() == 0
            ? Finding(grade: .good, fact: "The kernel can wait for several peers at once.")
            : Finding(
                grade: .bad,
                fact: "The kernel cannot wait for several peers at once (futex_waitv).",
                mend: "Use Linux 5.16 or newer, and a container profile that allows the call."
            )
    }

    static var cores: Finding {
        let count = sysconf(Int32(_SC_NPROCESSORS_ONLN))
        return count > 1
            ? Finding(grade: .good, fact: "There are \(count) cores.")
            : Finding(
                grade: .warning,
                fact: "There is one core, which members on this host have to share.",
                mend: "Give the host or the container a core for each member."
            )
    }

    static var numa: Finding { numa(nodes: lockstep_numa_nodes()) }

    static func numa(nodes: Int32) -> Finding {
        if nodes == -ENOTSUP {
            return Finding(
                grade: .warning,
                fact: "This build knows nothing of NUMA.",
                mend: "On a host with several sockets, build it with the NUMA trait."
            )
        }
        let count = nodes == 1 ? "is one NUMA node" : "are \(nodes) NUMA nodes"
        return Finding(grade: .good, fact: "There \(count).")
    }

    static var rdma: Finding { rdma(devices: lockstep_rdma_devices()) }

    static func rdma(devices: Int32) -> Finding {
        switch devices {
        case -ENOTSUP:
            Finding(
                grade: .warning,
                fact: "This build knows nothing of RDMA.",
                mend: "For RDMA between hosts, build it with the Verbs trait."
            )
        case ...0:
            Finding(
                grade: .warning,
                fact: devices == -ENOENT ? "libibverbs is not installed." : "There is no RDMA device.",
                mend: "Members on this host need none. For RDMA between hosts, install rdma-core."
            )
        default:
            Finding(
                grade: .good,
                fact: "There \(devices == 1 ? "is one RDMA device" : "are \(devices) RDMA devices")."
            )
        }
    }
}
