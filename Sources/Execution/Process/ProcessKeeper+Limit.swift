internal import CLinux
internal import Glibc
internal import Synchronization

/// What holds jobs to their numbers of processes.
extension ProcessKeeper {
    /// Looks after all jobs until none is left.
    func watch() -> UnsafeMutableRawPointer? {
        // What forks without end leaves little time for others.
        plue_raise_priority()
        var last = Count(tasks: Int(plue_count_tasks()))
        while state.withLock({ state in
            state.isWatching = !state.jobs.isEmpty
            return state.isWatching
        }) {
            let jobs = state.withLock { state in state.jobs.filter { $0.value.limit > 0 && !$0.value.isOver } }
            // Of those with a group the kernel says at any time how many tasks they have.
            for (name, job) in jobs where job.isFull {
                if let (processes, threads) = job.groupExcess { exceed(name, processes, threads, quickly: true) }
            }
            let others = jobs.filter { $0.value.group == nil }
            if let least = others.values.map(\.limit).min(), last.isOld(least) {
                last = look(others, least)
            }
            reapAdopted()
            usleep(Self.interval)
        }
        return nil
    }

    /// When jobs were counted last, and when that is of no use any more: to read all of /proc costs far more than to ask
    /// how many tasks the system has.
    private struct Count {
        /// Of the whole system, then.
        var tasks: Int
        /// Of the largest job.
        var most = 0
        var ticks = 0

        mutating func isOld(_ limit: Int) -> Bool {
            ticks += 1
            let now = Int(plue_count_tasks())
            return now < 0 || tasks < 0 || now - tasks >= max(0, limit - most) / 2
                || ticks >= ProcessKeeper.longestPause
        }
    }

    /// Ends jobs with too many processes in the sessions of their steps, and counts all where others may be too many. To
    /// count all takes far longer beside a bomb: who reads of a process that is just being started waits for it.
    private func look(_ jobs: [String: KeptJob], _ least: Int) -> Count {
        let tasks = Int(plue_count_tasks())
        var (all, most, hasEnded) = (0, 0, false)
        for (name, job) in jobs {
            let count = ProcessTable.members(ofSessions: sessions(of: name)).count
            all += count
            most = max(most, count)
            guard count > job.limit else { continue }
            exceed(name, count, count, quickly: true)
            hasEnded = true
        }
        // Whatever left its session is among the rest of the system: while that is small nothing is too many.
        let mayExceed = tasks < 0 || tasks - all + most > least
        return !hasEnded && mayExceed ? count(jobs) : Count(tasks: tasks, most: most)
    }

    /// Those of steps that run: the id of any other may be somebody else's by now.
    private func sessions(of name: String) -> [pid_t] {
        state.withLock { $0.own.filter { $0.value == name }.map(\.key) }
    }

    /// What is killed starts nothing any more, so a few looks find all of them.
    private func killQuickly(_ name: String, _ job: KeptJob) {
        // Before their leaders die.
        let sessions = sessions(of: name)
        var killed: Set<pid_t> = []
        var misses = 0
        for _ in 0..<Self.passLimit where misses < 2 {
            let known = killed.count
            for pid in job.group?.processes ?? ProcessTable.members(ofSessions: sessions) {
                Glibc.kill(pid, SIGKILL)
                killed.insert(pid)
            }
            misses = killed.count == known ? misses + 1 : 0
        }
        waitForAdopted(killed)
    }

    private func count(_ jobs: [String: KeptJob]) -> Count {
        let tasks = Int(plue_count_tasks())
        var counts: [String: (processes: Int, threads: Int)] = [:]
        // Where one job runs alone all are its own.
        let only = state.withLock { $0.ownsAllChildren && $0.jobs.count == 1 ? $0.jobs.keys.first : nil }
        for (entry, job) in assign(ProcessTable()) where !entry.isZombie {
            guard let job = job ?? only else { continue }
            let before = counts[job] ?? (0, 0)
            counts[job] = (before.processes + 1, before.threads + entry.threads)
        }
        for (name, job) in jobs {
            guard let (processes, threads) = counts[name] else { continue }
            if let excess = job.excess(processes, threads) {
                exceed(name, excess.processes, excess.threads, quickly: false)
            }
        }
        return Count(
            tasks: tasks,
            most: counts.values.map { max($0.processes, $0.threads / KeptJob.threadsPerProcess) }.max() ?? 0)
    }

    /// `quickly`: most are found without waiting. Others are told by their parents, who are stopped before they die.
    private func exceed(_ job: String, _ processes: Int, _ threads: Int, quickly: Bool) {
        let (found, isAlone) = state.withLock { state in
            state.jobs[job]?.isOver = true
            return (state.jobs[job], state.ownsAllChildren && state.jobs.count == 1)
        }
        guard let found else { return }
        found.group?.admitNone()
        // It is told before any of them dies: it is what they die of.
        found.exceeded(processes, threads)
        if quickly { killQuickly(job, found) }
        kill { table in
            isAlone ? self.assign(table).map(\.entry).filter { !$0.isZombie } : self.members(of: job, in: table)
        }
    }
}
