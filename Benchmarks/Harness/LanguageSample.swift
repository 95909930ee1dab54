/// Inputs of the language's benchmark, as people write them.
enum LanguageSample {
    /// A file of three jobs.
    static func workflow(_ number: Int) -> String {
        """
        name: CI \(number)
        on:
          push:
            branches: [main, 'release/**']
            paths-ignore: ['docs/**', '*.md']
          pull_request:
            types: [opened, synchronize, reopened]
          workflow_dispatch:
            inputs:
              level: {description: How much is logged, type: choice, options: [info, debug], default: info}
        permissions:
          contents: read
        env:
          NUMBER: \(number)
        concurrency:
          group: ${{ github.workflow }}-${{ github.ref }}
          cancel-in-progress: true
        jobs:
          # What is quick goes first.
          lint:
            name: Lint
            runs-on: ubuntu-latest
            steps:
              - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd
              - name: Check the style of everything
                run: |
                  make format
                  git diff --exit-code
          test:
            name: Test ${{ matrix.os }} ${{ matrix.version }}
            needs: lint
            strategy:
              fail-fast: false
              matrix:
                os: [ubuntu-latest, macos-latest]
                version: ['3.11', '3.12', '3.13']
                include:
                  - {os: windows-latest, version: '3.13'}
            runs-on: ${{ matrix.os }}
            timeout-minutes: 30
            steps:
              - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd
                with:
                  fetch-depth: 0
              - name: Set up version ${{ matrix.version }}
                id: setup
                uses: actions/setup-python@a26af69be951a213d495a4c3e4e4022e16d87065
                with:
                  python-version: ${{ matrix.version }}
                  cache: pip
              - name: Test
                if: github.event_name == 'push' || contains(github.event.pull_request.labels.*.name, 'full')
                run: make test
                env:
                  PYTHON: ${{ steps.setup.outputs.python-path }}
                  LEVEL: ${{ inputs.level || 'info' }}
          package:
            name: Package
            needs: [lint, test]
            if: github.ref == 'refs/heads/main' && !cancelled()
            runs-on: ubuntu-latest
            outputs:
              version: ${{ steps.version.outputs.version }}
            steps:
              - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd
              - id: version
                run: echo "version=$(git describe --tags)" >> "$GITHUB_OUTPUT"
              - run: make package VERSION="$VERSION"
                env:
                  VERSION: ${{ steps.version.outputs.version }}
        """
    }

    /// A list of small objects.
    static func json(bytes: Int) -> String {
        var text = "["
        var number = 0
        while text.utf8.count < bytes - 100 {
            if number > 0 { text += "," }
            text += #"{"id":\#(number),"name":"entry \#(number)","tags":["a","b \u00e9 \"c\""],"on":true,"size":1.5}"#
            number += 1
        }
        return text + "]"
    }
}
