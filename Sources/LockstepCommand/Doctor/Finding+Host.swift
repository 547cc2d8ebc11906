import CLockstep
import LockstepFabric

/// What concerns every node, whatever its fabric is.
extension Finding {
    static func ofHost() -> [Finding] {
        var allowed = lockstep_cores()
        let cores = Int(lockstep_cores_allowed(&allowed))
        return [
            kernel(canWait: lockstep_futex_probe() == 0), Self.cores(cores), numa(nodes: lockstep_numa_nodes()),
            clock(KernelFile.line("/sys/devices/system/clocksource/clocksource0/current_clocksource")),
        ]
    }

    static func kernel(canWait: Bool) -> Finding {
        canWait
            ? .good("The kernel can wait for several peers at once.")
            : .bad(
                "The kernel cannot wait for several peers at once (futex_waitv).",
                mend: "Use Linux 5.16 or newer, and a container profile that allows the call."
            )
    }

    /// - Parameter count: Those that this process may use.
    static func cores(_ count: Int) -> Finding {
        count > 1
            ? .good(
                "This process may use \(count) cores: a poller spins only on a core of its own.")
            : .warning(
                "This process may use one core, which the members on this host have to share.",
                mend: "Give the host or the container a core for each member."
            )
    }

    static func numa(nodes: Int32) -> Finding {
        switch nodes {
        case ..<0:
            .warning(
                "This build knows nothing of NUMA.",
                mend: "On a host with several sockets, build it with the NUMA trait."
            )
        case 1: .good("There is one NUMA node.")
        default: .good("There are \(nodes) NUMA nodes: a member has a poller on each that its process may use.")
        }
    }

    /// - Parameter source: What the kernel reads the time from; nil if it does not say.
    static func clock(_ source: String?) -> Finding {
        let slow = ["hpet", "acpi_pm", "jiffies", "refined-jiffies"]
        guard let source else { return .good("The kernel does not say what it reads the time from.") }
        return slow.contains(source)
            ? .warning(
                "The kernel reads the time from \(source), which takes a microsecond.",
                mend: "Boot with clocksource=tsc, if the processor's counter is stable."
            )
            : .good("The kernel reads the time from \(source), which is quick.")
    }
}
