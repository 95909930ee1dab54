internal import Model

/// How long a job whose claim was lost waits before it may be claimed again.
///
/// The first time not at all: what was lost is mostly the runner. Then longer and longer, as what fails again may be the
/// job's own doing, or a host that starts and dies. Sidekiq and River let the pause grow with the attempts in the same way,
/// and spread it by up to a tenth, so that jobs that were lost together do not come back together; GitHub does not repeat
/// a lost job at all. The spread is a function of the job, so that a simulation repeats itself.
enum RetryDelay {
    private static let steps: [Duration] = [.zero, .seconds(10), .seconds(60)]

    /// - Parameter lost: claims that were lost before this one.
    static func after(_ lost: Int64, of job: ExecutionID) -> Duration {
        let step = steps[Int(min(max(0, lost), Int64(steps.count - 1)))]
        // SplitMix64, for ids that follow each other.
        var bits = UInt64(bitPattern: job.rawValue) &+ UInt64(bitPattern: lost) &* 0x9e37_79b9_7f4a_7c15
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        return step + step / 10_000 * Int((bits ^ (bits >> 31)) % 1_000)
    }
}
