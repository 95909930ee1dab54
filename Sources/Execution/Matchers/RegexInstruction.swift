/// One instruction of a compiled regular expression. Jumps are relative.
enum RegexInstruction: Sendable {
    case scalar(UInt32)
    /// Any scalar but a line break.
    case any
    case set([ClosedRange<UInt32>], isNegated: Bool)
    /// Tries `first`, and `second` when what follows it fails.
    case split(first: Int, second: Int)
    case jump(Int)
    /// Notes the position as a border of a group.
    case save(Int)
    case start
    case end
    case boundary(isNegated: Bool)
    /// The next `length` instructions are a program of their own, which must (not) match here.
    case look(length: Int, isNegated: Bool)
    case reference(Int)
    /// A round of a loop begins; at its end it must have moved.
    case mark(Int)
    case progress(Int)
    case accept
}
