import Foundation
import Model
import Services
import Testing

@testable import Execution

/// The limits of security.md for what a step says and sets: just the size is taken, one more is told and left out.
@Suite struct LimitTests {
    /// A variable's name, `=`, its value and the end make 128 KiB.
    @Test func oneVariable() async throws {
        let most = 128 * 1024 - 1 - "BIG=".utf8.count
        let result = try await TestJob().run(
            steps: """
                - run: printf 'BIG=' >> $GITHUB_ENV; head -c \(most) /dev/zero | tr '\\0' x >> $GITHUB_ENV
                - run: echo ${#BIG}; printf 'BIG=' >> $GITHUB_ENV; head -c \(most + 1) /dev/zero | tr '\\0' x >> $GITHUB_ENV
                - run: echo never
                """)
        #expect(result.steps.map(\.conclusion) == [.success, .success, .failure])
        #expect(result.log(step: 2) == ["\(most)"])
        #expect(result.log.contains("the largest variable is BIG with \(128 * 1024) bytes (one may have 128 KiB)"))
    }

    @Test func noVariableHoldsANUL() async throws {
        let result = try await TestJob().run(
            steps: """
                - run: printf 'A=x\\0y\\n' >> $GITHUB_ENV
                - run: echo never
                - run: echo never
                  if: always()
                  env: {A: fine}
                """)
        #expect(result.steps.map(\.conclusion).suffix(2) != [.success, .success], "\(result.log)")
        #expect(result.log.contains("the variable A holds a NUL, which no environment can"), "\(result.log)")
    }

    @Test func theSummaryOfAStep() async throws {
        let most = 1 << 20
        var job = TestJob()
        job.secrets = ["S": "1234"]
        job.files = [
            "two/action.yml": """
            runs:
              using: composite
              steps:
                - {run: 'head -c 600000 /dev/zero | tr "\\0" a >> $GITHUB_STEP_SUMMARY', shell: bash}
                - {run: 'head -c 600000 /dev/zero | tr "\\0" b >> $GITHUB_STEP_SUMMARY', shell: bash}
            """
        ]
        let result = try await job.run(
            steps: """
                - run: head -c \(most) /dev/zero | tr '\\0' x >> $GITHUB_STEP_SUMMARY
                - run: head -c \(most + 1) /dev/zero | tr '\\0' x >> $GITHUB_STEP_SUMMARY
                - run: head -c \(most) /dev/zero | tr '\\0' '\\377' >> $GITHUB_STEP_SUMMARY
                - uses: ./two
                """)
        #expect(result.conclusion == .success, "\(result.message ?? "") \(result.log.suffix(500))")
        #expect(result.summaries.map(\.utf8.count) == [most, 600_000])
        let refusal = "$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k."
        #expect(result.annotations.filter { $0.message == refusal }.map(\.level) == [.error, .error, .error])
    }

    /// The line of the log is whole, the annotation is not; the eleventh of a kind is in the log only.
    @Test func annotations() async throws {
        let result = try await TestJob().run(
            steps: """
                - run: |
                    x() { head -c $1 /dev/zero | tr '\\0' x; }
                    for size in 4095 4096 4097; do echo "::notice::$(x $size)"; done
                    for n in 1 2 3 4 5 6 7 8 9 10 11; do echo "::warning::w$n"; echo "::error::e$n"; done
                - run: echo "::warning::of another step"
                """)
        let messages = Dictionary(grouping: result.annotations, by: \.level).mapValues { $0.map(\.message) }
        #expect(messages[.notice]?.map(\.count) == [4_095, 4_096, 4_096])
        #expect(messages[.error] == (1...10).map { "e\($0)" })
        #expect(messages[.warning] == (1...10).map { "w\($0)" } + ["of another step"])
        #expect(result.log.contains("##[error]e11") && result.log.contains("##[warning]w11"))
        #expect(result.lines.contains { $0.text == "##[notice]" + String(repeating: "x", count: 4_097) })
    }

    /// Two bytes for a character. What no longer fits is left out with a word, what still does is handed on.
    @Test func theOutputsOfAJob() async throws {
        let half = 1 << 19
        let steps = """
            - id: s
              run: |
                { printf a=; head -c \(half - 1) /dev/zero | tr '\\0' x; echo; echo b=y; echo c=z; } >> $GITHUB_OUTPUT
            """
        let names = ["a", "b", "c"].map { "\($0): \"${{ steps.s.outputs.\($0) }}\"" }
        let fits = try await TestJob().run(steps: steps, job: "outputs: { \(names[0]), \(names[1]) }")
        #expect(fits.outputs.mapValues(\.utf8.count) == ["a": half - 1, "b": 1] && !fits.log.contains("##[warning]"))
        let over = try await TestJob().run(steps: steps, job: "outputs: { \(names.joined(separator: ", ")) }")
        #expect(over.conclusion == .success && over.outputs.mapValues(\.utf8.count) == ["a": half - 1, "b": 1])
        #expect(
            over.log.contains("##[warning]the output c is not handed on: the outputs of a job may have 1 MiB"))
    }

    /// At the true limit: 64 MiB are kept, a notice follows, and the step goes on.
    @Test func theLogOfAStep() async throws {
        let line = 1 << 14
        let lines = (64 << 20) / line
        let result = try await TestJob().run(
            steps: """
                - id: s
                  run: |
                    line=$(head -c \(line - 1) /dev/zero | tr '\\0' x)
                    yes "$line" | head -n \(lines)
                    echo; echo more; echo "o=1" >> $GITHUB_OUTPUT
                - run: echo "o is ${{ steps.s.outputs.o }}"
                """)
        #expect(result.conclusion == .success && result.log(step: 2) == ["o is 1"])
        #expect(result.log(step: 1).count == lines && result.log(step: 1).last?.utf8.count == line - 1)
        let told = result.lines.filter { $0.stream == .system }
        #expect(told.map(\.text) == ["##[warning]The log of this step is over 64 MiB: the rest of it is left out"])
    }

    /// The matcher of `hashFiles` goes on from many places of the pattern at once: it ends.
    @Test func starsUponStars() {
        let glob = PathGlob(String(repeating: "**/*a", count: 30) + "b", base: "/w")
        let name = String(repeating: "a", count: 250)
        let path = "/w" + String(repeating: "/\(name)", count: 40)
        #expect(!glob.matches(path) && glob.mayMatch(in: path))
        #expect(glob.matches("/w" + String(repeating: "/a", count: 29) + "/ab"))
    }
}
