import Testing

@testable import Lockstep

@Suite("Processor quotas")
struct ProcessorQuotaTests {
    @Test(arguments: [
        ("max 100000\n", false), ("50000 100000\n", true), ("800000 100000\n", true),
        ("-1\n", false), ("50000\n", true), ("0\n", false), ("", false), ("\n", false), ("max", false),
        ("none at all", false), ("\u{fffd}\0", false), ("99999999999999999999 100000", false),
    ])
    func aLimitIsAPositiveNumber(_ text: String, _ isLimit: Bool) {
        #expect(ProcessorQuota.isLimit(text) == isLimit)
    }

    @Test func inVersion2ItIsThatOfTheGroupAndOfThoseAroundIt() {
        #expect(
            ProcessorQuota.files(for: "0::/a.slice/b\n") == [
                "/sys/fs/cgroup/a.slice/b/cpu.max", "/sys/fs/cgroup/a.slice/cpu.max", "/sys/fs/cgroup/cpu.max",
                "/sys/fs/cgroup/unified/a.slice/b/cpu.max", "/sys/fs/cgroup/unified/a.slice/cpu.max",
                "/sys/fs/cgroup/unified/cpu.max",
            ])
    }

    @Test func inVersion1ItIsThatOfTheProcessorController() {
        let memberships = """
            9:name=systemd:/user
            4:cpuset:/c
            3:cpu,cpuacct:/a:b
            2:cpuacct:/d
            """
        #expect(
            ProcessorQuota.files(for: memberships) == [
                "/sys/fs/cgroup/cpu/a:b/cpu.cfs_quota_us", "/sys/fs/cgroup/cpu/cpu.cfs_quota_us",
                "/sys/fs/cgroup/cpu,cpuacct/a:b/cpu.cfs_quota_us", "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us",
            ])
    }

    @Test(arguments: ["0::/", "0::", "0::///"])
    func theRootIsAGroupToo(_ memberships: String) {
        #expect(
            ProcessorQuota.files(for: memberships) == [
                "/sys/fs/cgroup/cpu.max", "/sys/fs/cgroup/unified/cpu.max",
            ])
    }

    @Test(arguments: ["", "\n\n", "garbage", "0:", "1:memory:/a", "::::"])
    func whatIsNoMembershipHasNoFileOfVersion1(_ memberships: String) {
        #expect(!ProcessorQuota.files(for: memberships).contains { $0.hasSuffix("cfs_quota_us") })
    }
}
