/// The strongly connected components of a directed graph (Tarjan's algorithm, without recursion): two nodes have the
/// same number when each reaches the other.
struct StrongComponents {
    /// By node.
    private(set) var component: [Int]

    init(_ edges: [[Int]]) {
        let count = edges.count
        component = [Int](repeating: -1, count: count)
        var order = [Int](repeating: -1, count: count)
        var low = [Int](repeating: 0, count: count)
        var stack: [Int] = []
        var time = 0
        var components = 0
        for root in 0..<count where order[root] < 0 {
            // A node and the next of its edges to follow.
            var path: [(node: Int, edge: Int)] = [(root, 0)]
            order[root] = time
            low[root] = time
            time += 1
            stack.append(root)
            while let (node, edge) = path.last {
                if edge < edges[node].count {
                    path[path.count - 1].edge += 1
                    let next = edges[node][edge]
                    if order[next] < 0 {
                        order[next] = time
                        low[next] = time
                        time += 1
                        stack.append(next)
                        path.append((next, 0))
                    } else if component[next] < 0 {
                        low[node] = min(low[node], order[next])
                    }
                    continue
                }
                path.removeLast()
                if let parent = path.last { low[parent.node] = min(low[parent.node], low[node]) }
                guard low[node] == order[node] else { continue }
                while let member = stack.popLast() {
                    component[member] = components
                    if member == node { break }
                }
                components += 1
            }
        }
    }
}
