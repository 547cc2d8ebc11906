import Glibc

/// The memory of this host.
enum PhysicalMemory {
    /// More than this no value can take, whatever some bytes say.
    static let bytes = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
}
