/// The known name that a misspelt one most likely means.
enum Nearest {
    static func hint(for name: String, among known: [String]) -> String? {
        nearest(to: name, among: known).map { "did you mean '\($0)'?" }
    }

    /// By edit distance: at most a third of the letters, ties in alphabetical order. Nil among very many.
    static func nearest(to name: String, among known: [String]) -> String? {
        let word = Array(name.lowercased().utf8)
        guard !word.isEmpty, word.count <= 64, known.count <= 200 else { return nil }
        var best: (name: String, distance: Int)?
        for candidate in known.sorted() {
            let distance = self.distance(word, Array(candidate.lowercased().utf8))
            if distance <= max(1, min(word.count, candidate.utf8.count) / 3), distance < best?.distance ?? .max {
                best = (candidate, distance)
            }
        }
        return best?.name
    }

    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let above = row[j + 1]
                row[j + 1] = x == y ? diagonal : min(diagonal, above, row[j]) + 1
                diagonal = above
            }
        }
        return row[b.count]
    }
}
