/// An element of a list, or an `#if` around elements, so that what is made from the list keeps the condition.
indirect enum Conditional<Element> {
    case element(Element)
    case branches([Branch])

    /// One clause of an `#if`.
    struct Branch {
        /// The line that opens the clause, such as `#if DEBUG` or `#else`.
        let opening: String
        let content: [Conditional]
    }

    /// The element, or the elements of every clause.
    var elements: [Element] {
        switch self {
        case .element(let element): [element]
        case .branches(let branches): branches.flatMap { $0.content.flatMap(\.elements) }
        }
    }

    /// What `code` makes of each element, inside the same conditions.
    func lines(_ code: (Element) -> [String]) -> [String] {
        switch self {
        case .element(let element): code(element)
        case .branches where elements.flatMap(code).isEmpty: []
        case .branches(let branches):
            branches.flatMap { [$0.opening] + $0.content.flatMap { $0.lines(code) } } + ["#endif"]
        }
    }
}
