import CLockstep
import Glibc
import LockstepFabric

/// What concerns nodes that speak RDMA with other hosts.
extension Finding {
    /// - Parameter root: The folder under which the kernel shows its files.
    static func ofRDMA(root: String = "/") -> [Finding] {
        let ports = RDMAPort.all(in: "\(root)sys/class/infiniband")
        guard !ports.isEmpty else {
            return [
                .warning(
                    "There is no RDMA device.",
                    mend: "Members on this host need none. For RDMA between hosts, load the driver of its adapter."
                )
            ]
        }
        return [library] + ports.flatMap { findings(on: $0, root: root) } + permissions(root: root)
            + [lockedMemory(limit: lockedMemoryLimit, isRoot: geteuid() == 0), hugePages(root: root)]
    }

    private static var library: Finding {
        #if Verbs
            lockstep_verbs_load() == 0
                ? .good("The RDMA library is installed.")
                : .bad(
                    "There are RDMA devices, but libibverbs.so.1 is not installed or too old.",
                    mend: "Install it: apt-get install rdma-core ibverbs-providers"
                )
        #else
            .warning(
                "There are RDMA devices, but this build knows nothing of RDMA.", mend: "Build it with the Verbs trait."
            )
        #endif
    }

    /// The port, its addresses with the one to use, and what is between it and its best.
    static func findings(on port: RDMAPort, root: String) -> [Finding] {
        let name = "\(port.device):\(port.number)"
        let what = "\(name) is \(port.linkLayer.rawValue), \(port.rate)"
        let choice: RDMAChoice
        do {
            choice = try RDMAChoice(port)
        } catch {
            return [.warning("\(what), and cannot be used.", mend: error.description)]
        }
        var findings: [Finding] = [.good("\(what), and up.")]
        for address in port.addresses {
            let advice = address == choice.address ? ", which is advised" : ""
            let interface = address.interface.map { " on \($0)" } ?? ""
            findings.append(
                .good(
                    "\(name) address \(address.index): \(address.kind.rawValue) \(address.text)\(interface)\(advice)."))
        }
        if let packets = packets(of: choice, root: root) { findings.append(packets) }
        if let node = port.numaNode,
            let distances = KernelFile.line("\(root)sys/devices/system/node/node\(node)/distance")
        {
            findings.append(.good("\(name) is at NUMA node \(node), whose distances to all nodes are \(distances)."))
        }
        return findings
    }

    /// RoCE sends packets of up to 4096 bytes if they fit the interface's.
    private static func packets(of choice: RDMAChoice, root: String) -> Finding? {
        guard let interface = choice.address.interface,
            let mtu = KernelFile.line("\(root)sys/class/net/\(interface)/mtu").flatMap({ Int($0) })
        else { return nil }
        return mtu >= 4200
            ? .good("\(interface) carries packets of \(mtu) bytes, enough for the largest of RoCE.")
            : .warning(
                "\(interface) carries packets of \(mtu) bytes, so that RoCE sends less than its 4096 bytes in each.",
                mend: "If all switches can carry more: ip link set \(interface) mtu 4200"
            )
    }

    /// Whether this process may open the devices.
    private static func permissions(root: String) -> [Finding] {
        KernelFile.names(in: "\(root)sys/class/infiniband_verbs").filter { $0.hasPrefix("uverbs") }.map { name in
            let path = "\(root)dev/infiniband/\(name)"
            return access(path, R_OK | W_OK) == 0
                ? .good("This process may use \(path).")
                : .bad(
                    "This process may not use \(path): \(String(cString: strerror(errno))).",
                    mend: "Let its user read and write it, such as with a udev rule: KERNEL==\"uverbs*\", MODE=\"0666\""
                )
        }
    }

    private static var lockedMemoryLimit: UInt64 {
        var limit = rlimit()
        return getrlimit(Int32(__RLIMIT_MEMLOCK.rawValue), &limit) == 0 ? UInt64(limit.rlim_cur) : 0
    }

    /// Registered memory is locked: a node's own region, and one of each peer.
    static func lockedMemory(limit: UInt64, isRoot: Bool) -> Finding {
        if isRoot || limit > 1 << 40 { return .good("This process may lock as much memory as it likes.") }
        let text = "This process may lock \(limit >> 20) MiB of memory."
        return limit >= 1 << 33
            ? .good("\(text) A node needs `regionBytes` for itself and for each peer.")
            : .bad(
                "\(text) A node needs `regionBytes` for itself and for each peer.",
                mend: "Raise the limit: ulimit -l unlimited, or LimitMEMLOCK=infinity in its systemd unit."
            )
    }

    /// Regions are shared memory, which the kernel may back with huge pages.
    static func hugePages(root: String) -> Finding {
        let setting = KernelFile.line("\(root)sys/kernel/mm/transparent_hugepage/shmem_enabled") ?? "[never]"
        return setting.contains("[always]") || setting.contains("[within_size]")
            ? .good("Shared memory is backed with huge pages.")
            : .warning(
                "Shared memory is not backed with huge pages, of which an RDMA device has less to look up.",
                mend: "echo within_size > /sys/kernel/mm/transparent_hugepage/shmem_enabled"
            )
    }
}
