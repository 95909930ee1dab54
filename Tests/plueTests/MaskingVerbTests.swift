import Foundation
import Testing

/// Secrets through every exit of a run: what is printed, written to files and stored.
@Suite struct MaskingVerbTests {
    /// No part of it may be one of the hexadecimal numbers that a database is full of.
    private static let canary = "kanarie-zqxw-\"ö"

    /// A way out, and the step that tries it.
    private static let exits: [(name: String, step: String)] = [
        ("standard output", #"{env: {T: "${{ secrets.T }}"}, run: 'echo "a $T b"; printf %s "$T"'}"#),
        ("standard error", #"{env: {T: "${{ secrets.T }}"}, run: 'echo "a $T b" >&2'}"#),
        ("pieces", #"{env: {T: "${{ secrets.T }}"}, run: 'printf %s "${T:0:7}"; sleep 0.1; echo "${T:7}"'}"#),
        (
            "a long line",
            #"{env: {T: "${{ secrets.T }}"}, run: 'head -c 65530 /dev/zero | tr "\0" -; printf %s "$T"; head -c 99999 /dev/zero | tr "\0" -'}"#
        ),
        (
            "base64",
            #"{env: {T: "${{ secrets.T }}"}, run: 'printf %s "$T" | base64; printf "x%s" "$T" | base64; printf "xy%sz" "$T" | base64'}"#
        ),
        ("colours", #"{env: {T: "${{ secrets.T }}"}, run: 'printf "%s\033[31m%s\n" "${T:0:7}" "${T:7}"'}"#),
        ("trace", #"{env: {T: "${{ secrets.T }}"}, run: 'set -x; true "$T"'}"#),
        ("step name", #"{name: "n ${{ secrets.T }}", run: 'true'}"#),
        ("script name", #"{run: "true '${{ secrets.T }}'"}"#),
        (
            "annotations",
            #"{env: {T: "${{ secrets.T }}"}, run: 'for l in error warning notice; do echo "::$l title=$T,file=$T,line=1::m $T"; done'}"#
        ),
        (
            "debug, group",
            #"{env: {T: "${{ secrets.T }}"}, run: 'echo "::debug::$T"; echo "::group::$T"; echo "::endgroup::"'}"#
        ),
        (
            "echo of commands",
            #"{env: {T: "${{ secrets.T }}"}, run: 'echo ::echo::on; echo "::save-state name=$T::$T"; echo "::set-output name=$T::$T"'}"#
        ),
        ("unknown commands", #"{env: {T: "${{ secrets.T }}"}, run: 'echo "::set-env name=$T::$T"'}"#),
        (
            "problem matcher",
            #"{env: {T: "${{ secrets.T }}"}, run: 'echo "::add-matcher::m.json"; echo "E $T: code"; echo "::add-matcher::$T"'}"#
        ),
        ("summary", #"{env: {T: "${{ secrets.T }}"}, run: 'echo "s $T" >> $GITHUB_STEP_SUMMARY'}"#),
        (
            "outputs",
            #"{id: s, env: {T: "${{ secrets.T }}"}, run: 'echo "o=$T" >> $GITHUB_OUTPUT; echo "p=fine" >> $GITHUB_OUTPUT'}"#
        ),
        (
            "variable's name",
            #"{env: {T: "${{ secrets.T }}"}, run: 'echo "GITHUB_$T=1" >> $GITHUB_ENV; echo "bad $T" >> $GITHUB_ENV'}"#
        ),
        ("folder", #"{working-directory: "${{ secrets.T }}", run: 'true'}"#),
        ("expression's error", #"{if: "always()", run: "${{ fromJSON(secrets.T) }}"}"#),
        ("timeout", #"{timeout-minutes: "${{ secrets.T }}", run: 'true'}"#),
        (
            "mask that is added",
            #"{run: 'm=later; m=$m-zq; echo "::add-mask::${m}xw"; echo "${m}xw"; echo "::error::${m}xw"'}"#
        ),
    ]

    @Test func noExitShowsASecret() throws {
        let sandbox = try Sandbox()
        let steps = Self.exits.map { name, step in
            "      - \(step.replacing("{", with: "{continue-on-error: true, ", maxReplacements: 1))"
        }
        try sandbox.write(
            "m.json",
            #"{"problemMatcher": [{"owner": "m", "pattern": [{"regexp": "^E (.*): (.*)$", "file": 1, "message": 2}]}]}"#
        )
        try sandbox.workflow(
            """
              a:
                runs-on: x
                outputs: {o: "${{ steps.s.outputs.o }}", p: "${{ steps.s.outputs.p }}"}
                steps:
            \(steps.joined(separator: "\n"))
              b: {needs: a, runs-on: x, steps: [{run: "echo '${{ toJSON(needs) }}'"}]}
              c: {runs-on: x, timeout-minutes: "${{ fromJSON('1') }}", env: {T: "${{ fromJSON(secrets.T) }}"}, steps: [{run: 'true'}]}
            """)
        let secret = "T=\(Self.canary)"
        var printed = ""
        for options in [["--json"], ["--junit", "junit.xml"]] {
            let result = try Command(
                Binary.path, ["run", "-s", secret] + options, in: sandbox.repository, environment: sandbox.environment
            ).finish()
            #expect(result.code == 1, "\(result)")
            printed += result.out + result.err
        }
        for verb in ["logs", "view", "runs", "audit"] {
            let result = try sandbox.plue(verb)
            printed += result.out + result.err
        }
        printed += try String(contentsOfFile: "\(sandbox.repository)/junit.xml", encoding: .utf8)
        let stored = try Data(printed.utf8) + Self.database(of: sandbox)
        #expect(printed.contains("***") && printed.contains("fine"))
        let encoded = Data(Self.canary.utf8).base64EncodedString()
        for text in [
            Self.canary, "zqxw", "kanarie", "later-zq", "\(encoded.prefix(12))", "\(encoded.dropFirst(4).prefix(8))",
        ] {
            for range in Self.places(of: text, in: stored).prefix(5) {
                let around = stored[max(0, range.lowerBound - 80)..<min(stored.count, range.upperBound + 80)]
                Issue.record("\(text): \(String(decoding: around, as: UTF8.self).debugDescription)")
            }
        }
    }

    /// What renderers leave out of a text must not join what stands around it: every way out, and what is stored.
    @Test func nothingThatIsNotShownHidesASecret() throws {
        let sandbox = try Sandbox()
        let gaps =
            ((0..<32).filter { $0 != 10 } + [127]).map { String(format: "\\%03o", $0) } + [
                #"\302\2330m"#, #"\302\205"#, #"\033M"#, #"\033(B"#, #"\033]0;t\007"#, #"\033["#, #"\033[31"#,
                #"\342\200\213"#,
            ]
        let divided = gaps.map { "printf '%s\($0)%s\\n' \"${T:0:7}\" \"${T:7}\"" }
        try sandbox.write("divided.sh", divided.joined(separator: "\n"))
        try sandbox.write("annotations.sh", divided.map { "printf ::error::; \($0)" }.joined(separator: "\n"))
        try sandbox.write(
            "m.json", #"{"problemMatcher": [{"owner": "m", "pattern": [{"regexp": "^E (.*)$", "message": 1}]}]}"#)
        try sandbox.write(
            "problems.sh", divided.map { "printf 'E '; \($0)" }.joined(separator: "\n"))
        try sandbox.workflow(
            #"""
              a:
                runs-on: x
                env: {T: "${{ secrets.T }}"}
                outputs: {z: "${{ steps.s.outputs.z }}", y: "${{ steps.s.outputs.y }}", p: "${{ steps.s.outputs.p }}"}
                steps:
                  - id: s
                    run: |
                      printf 'z=%s\0%s\n' "${T:0:7}" "${T:7}" >> $GITHUB_OUTPUT
                      printf 'y=%s\033[%s\n' "${T:0:7}" "${T:7}" >> $GITHUB_OUTPUT
                      echo p=fine >> $GITHUB_OUTPUT
                  - run: '. ./annotations.sh'
                  - run: 'echo ::add-matcher::m.json; . ./problems.sh; echo ::remove-matcher owner=m::'
                  - run: '. ./divided.sh >> $GITHUB_STEP_SUMMARY'
                  - run: |
                      head -c 200000 /dev/zero | tr "\0" x
                      printf '%s\0\033[1m%s\n' "${T:0:7}" "${T:7}"
                  - {continue-on-error: true, run: '. ./divided.sh; exit 1'}
                  - run: |
                      printf '%s\0%s\n' "${T:0:7}" "${T:7}"
                      printf '%s\r%s\n' "${T:0:7}" "${T:7}"
                      printf '%s\033[%s\n' "${T:0:7}" "${T:7}"
                      exit 1
              b: {needs: a, if: always(), runs-on: x, steps: [{run: "echo '${{ toJSON(needs) }}'"}]}
            """#)
        var printed = Data()
        for options in [[], ["-v"], ["--json"], ["--junit", "junit.xml"], ["--progress", "tty", "-v"]] {
            let result = try Command(
                Binary.path, ["run", "-s", "T=\(Self.canary)"] + options, in: sandbox.repository,
                environment: sandbox.environment
            ).finish()
            #expect(result.code == 1, "\(options): \(result)")
            printed += Data((result.out + result.err).utf8)
        }
        for arguments in [["logs"], ["view"], ["view", "--json"], ["runs"]] {
            let result = try Command(
                Binary.path, arguments, in: sandbox.repository, environment: sandbox.environment
            ).finish()
            printed += Data((result.out + result.err).utf8)
        }
        printed += try #require(FileManager.default.contents(atPath: "\(sandbox.repository)/junit.xml"))
        let shown = String(decoding: printed, as: UTF8.self)
        for text in ["***", "fine", "the output z may hold a secret", "the output y may hold a secret"] {
            #expect(shown.contains(text), "\(text)")
        }
        let stored = try printed + Self.database(of: sandbox)
        for text in ["kanarie", "zqxw", "qxw-"] {
            for range in Self.places(of: text, in: stored).prefix(5) {
                let around = stored[max(0, range.lowerBound - 80)..<min(stored.count, range.upperBound + 80)]
                Issue.record("\(text): \(String(decoding: around, as: UTF8.self).debugDescription)")
            }
        }
    }

    /// What of a secret was written when plue is killed stands nowhere, and the rest is masked when it comes.
    @Test func oneThatAKillCutsIsNotStored() throws {
        let sandbox = try Sandbox()
        try sandbox.workflow(
            """
              a:
                runs-on: x
                env: {T: "${{ secrets.T }}"}
                steps:
                  - run: |
                      cut=$(cat $HOME/cut)
                      printf 'before\\n%s' "${T:0:cut}"
                      touch $HOME/written
                      until test -e $HOME/on; do sleep 0.05; done
                      echo "${T:cut}"
            """)
        for cut in [4, 9, Self.canary.count - 1] {
            for name in ["written", "on"] { try? FileManager.default.removeItem(atPath: "\(sandbox.root)/\(name)") }
            try sandbox.write("../cut", "\(cut)")
            let dead = try sandbox.start("run", "-s", "T=\(Self.canary)")
            #expect(
                sandbox.wait {
                    sandbox.exists("../written") && (try? sandbox.plue("logs").out.contains("before")) == true
                })
            dead.signal(SIGKILL)
            _ = try dead.finish()
            #expect(try sandbox.plue("runs").out.contains("runner lost"))
            let stored = try Self.database(of: sandbox)
            for piece in [Self.canary.prefix(cut), Self.canary.prefix(4)] {
                #expect(Self.places(of: "\(piece)", in: stored).isEmpty, "\(piece), cut at \(cut)")
            }
            try sandbox.write("../on", "")
            #expect(try sandbox.plue("rerun", "-s", "T=\(Self.canary)").code == 0)
            let log = try sandbox.plue("logs").out
            #expect(log.contains("***") && !log.contains("\(Self.canary.prefix(4))"), "\(log)")
        }
    }

    /// Every byte of the embedded database's files.
    private static func database(of sandbox: Sandbox) throws -> Data {
        let folder = "\(sandbox.root)/data/plue"
        var stored = Data()
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasPrefix("plue.db") {
            stored += try #require(FileManager.default.contents(atPath: "\(folder)/\(name)"))
        }
        return stored
    }

    private static func places(of text: String, in data: Data) -> [Range<Data.Index>] {
        var found: [Range<Data.Index>] = []
        var from = data.startIndex
        while let range = data.range(of: Data(text.utf8), in: from..<data.endIndex) {
            found.append(range)
            from = range.upperBound
        }
        return found
    }

    /// The most memory that `plue run` held, bytes.
    private func peak(_ script: String) throws -> Int {
        let sandbox = try Sandbox()
        try sandbox.workflow("  a: {runs-on: x, steps: [{run: \"\(script)\"}]}\n")
        // Of plue alone: its steps are not waited for by this program.
        let program = """
            import os, subprocess, sys
            process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
            print(os.wait4(process.pid, 0)[2].ru_maxrss * 1024)
            """
        let result = try Command(
            "/usr/bin/env", ["python3", "-c", program, Binary.path, "run", "-s", "T=hunter22-secret"],
            in: sandbox.repository, environment: sandbox.environment
        ).finish()
        let last = result.out.split(separator: "\n").last ?? ""
        return try #require(Int(last), "\(result.err.suffix(500))")
    }

    @Test(arguments: [64 << 20, 1 << 30]) func aLineWithoutEndTakesNoMoreMemory(_ size: Int) throws {
        let least = try peak("true")
        let most = try peak("head -c \(size) /dev/zero | tr '\\\\0' x")
        print("MEMORY a line of \(size >> 20) MiB: \((most - least) >> 20) MiB over \(least >> 20) MiB")
        #expect(most - least <= 64 << 20)
    }
}
