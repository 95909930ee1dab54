/// The known name that a misspelt one most likely means.
enum Nearest {
    static func hint(for name: String, among known: [String]) -> String? {
        nearest(to: name, among: known).map { "did you mean '\($0)'?" }
    }

    /// By edit distance, two letters that changed places being one edit: at most a third of the letters, ties in alphabetical order. Nil among very many.
    static func nearest(to name: String, among known: [String]) -> String? {
        let word = Array(name.lowercased().utf8)
        guard !word.isEmpty, word.count <= 64, known.count <= 200 else { return nil }
        var best: (name: String, distance: Int)?
        for candidate in known.sorted() {
            let distance = self.distance(word, Array(candidate.lowercased().utf8))
            if distance <= max(1, min(word.count, candidate.utf8.count) / 3), distance < word.count,
                distance < best?.distance ?? .max
            {
                best = (candidate, distance)
            }
        }
        return best?.name
    }

    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var last: [Int] = []
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var next = [i + 1]
            for (j, y) in b.enumerated() {
                var least = x == y ? row[j] : min(row[j], row[j + 1], next[j]) + 1
                if i > 0, j > 0, x == b[j - 1], y == a[i - 1] { least = min(least, last[j - 1] + 1) }
                next.append(least)
            }
            (last, row) = (row, next)
        }
        return row[b.count]
    }
}
