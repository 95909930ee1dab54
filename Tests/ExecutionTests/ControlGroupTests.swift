import CLinux
import Foundation
import Testing

@testable import Execution

@Suite struct ControlGroupTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var mounts: String
        var memberships: String
        var version: ControlGroupHierarchy.Version?
        var folder: String?
    }

    private static let v1 = "30 25 0:26 / /sys/fs/cgroup/pids rw,nosuid shared:9 - cgroup cgroup rw,pids"
    private static let v2 = "31 25 0:27 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate"

    @Test(arguments: [
        Case(
            testDescription: "each controller by itself",
            mounts: "29 25 0:25 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n\(v1)",
            memberships: "9:cpu:/a\n8:pids:/system.slice/plue.service\n0::/b\n", version: .v1,
            folder: "/sys/fs/cgroup/pids/system.slice/plue.service"),
        Case(
            testDescription: "both versions",
            mounts: "\(v1)\n31 25 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
            memberships: "8:pids:/\n0::/\n", version: .v1, folder: "/sys/fs/cgroup/pids"),
        Case(
            testDescription: "version 2", mounts: "22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n\(v2)",
            memberships: "0::/user.slice/user-1000.slice/session-2.scope\n", version: .v2,
            folder: "/sys/fs/cgroup/user.slice/user-1000.slice/session-2.scope"),
        Case(
            testDescription: "a namespace of its own", mounts: v2, memberships: "0::/\n", version: .v2,
            folder: "/sys/fs/cgroup"),
        Case(
            testDescription: "a container sees its part",
            mounts: "30 25 0:26 /docker/1f /sys/fs/cgroup/pids ro,nosuid master:9 - cgroup cgroup rw,pids",
            memberships: "8:pids:/docker/1f/a\n", version: .v1, folder: "/sys/fs/cgroup/pids/a"),
        Case(
            testDescription: "another part than its own",
            mounts: "30 25 0:26 /docker/1f /sys/fs/cgroup/pids ro - cgroup cgroup rw,pids",
            memberships: "8:pids:/docker/1f2\n"),
        Case(
            testDescription: "a name with a space", mounts: v2.replacing("/sys/fs", with: "/a\\040b"),
            memberships: "0::/\n"),
        Case(testDescription: "not mounted", mounts: v1, memberships: "0::/\n"),
        Case(testDescription: "nonsense", mounts: "a - b\n- - -\n1 2 3 4 5 6 -\n\n", memberships: "::\n8:pids\n0::\n"),
    ])
    func whereItIs(_ place: Case) {
        let hierarchy = ControlGroupHierarchy(mounts: place.mounts, memberships: place.memberships)
        #expect(hierarchy?.version == place.version)
        #expect(hierarchy?.folder == place.folder)
    }

    @Test(.enabled(if: ControlGroupHierarchy.parent != nil)) func holdsWhatEntersIt() async throws {
        let parent = try #require(ControlGroupHierarchy.parent)
        let name = "plue-test-\(UUID().uuidString)"
        let group = try #require(ControlGroup(in: parent, named: name, tasks: 3))
        #expect(ControlGroup(in: parent, named: name, tasks: 3) == nil, "it is there")
        #expect(group.processes.isEmpty && group.tasks == 0 && !group.hasBeenRefused)

        var bounds = plue_bounds(user: nil, tasks: 0, group: group.entrance)
        var pid: pid_t = 0
        // Two more fit; of the rest each is refused.
        let script = "for n in 1 2 3 4; do setsid sleep 600 & done 2> /dev/null; sleep 600"
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("bash"), strdup("-c"), strdup(script), nil]
        var environment: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=/usr/bin:/bin"), nil]
        defer { for text in arguments + environment { free(text) } }
        let null = open("/dev/null", O_WRONLY)
        defer { close(null) }
        try #require(plue_spawn_bounded(&bounds, &pid, "/bin/bash", &arguments, &environment, "/", null, null) == 0)
        while group.tasks < 3 || !group.hasBeenRefused { try await Task.sleep(for: .milliseconds(5)) }
        #expect(group.processes.count == 3 && group.processes.contains(pid))

        group.admitNone()
        while let member = group.processes.first {
            kill(member, SIGKILL)
            waitpid(pid, nil, WNOHANG)
            try await Task.sleep(for: .milliseconds(5))
        }
        group.remove()
        #expect(!Files.exists("\(parent)/\(name)"))
    }

    /// What a plue left behind that was killed, whatever it forgot.
    @Test(.enabled(if: ControlGroupHierarchy.parent != nil)) func groupsOfProcessesThatAreGoneEnd() async throws {
        let mounts = try #require(Files.text("/proc/self/mountinfo")),
            own = try #require(Files.text("/proc/self/cgroup"))
        let hierarchy = try #require(ControlGroupHierarchy(mounts: mounts, memberships: own))
        // A process of this id lives, one that began then does not.
        let name = "plue-\(getpid())-1-\(UInt32.random(in: 0...UInt32.max))"
        let group = try #require(ControlGroup(in: hierarchy.folder, named: name, tasks: 0))
        let live = ControlGroupHierarchy.name(Int(UInt32.random(in: 0...UInt32.max)))
        let other = try #require(ControlGroup(in: hierarchy.folder, named: live, tasks: 0))
        defer { other.remove() }
        var bounds = plue_bounds(user: nil, tasks: 0, group: group.entrance)
        var pid: pid_t = 0
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("sleep"), strdup("600"), nil]
        var environment: [UnsafeMutablePointer<CChar>?] = [nil]
        defer { for text in arguments + environment { free(text) } }
        let null = open("/dev/null", O_WRONLY)
        defer { close(null) }
        try #require(plue_spawn_bounded(&bounds, &pid, "/bin/sleep", &arguments, &environment, "/", null, null) == 0)
        #expect(group.processes == [pid])
        hierarchy.removeOld()
        waitpid(pid, nil, 0)
        #expect(kill(pid, 0) != 0)
        close(group.entrance)
        #expect(!Files.exists("\(hierarchy.folder)/\(name)") && Files.exists("\(hierarchy.folder)/\(live)"))
    }
}
