import LockstepTesting

/// Shows a demonstration on a terminal: a picture that is drawn again in its place.
final class LiveDisplay: DemoDisplay {
    private let seconds: Int
    private var linesDrawn = 0
    private var next = ContinuousClock.now

    private static let pause = Duration.milliseconds(80)
    private static let hideCursor = "\u{1B}[?25l"
    private static let showCursor = "\u{1B}[?25h"
    private static let clearBelow = "\u{1B}[J"
    private static let clearRest = "\u{1B}[K"

    init(seconds: Int) { self.seconds = seconds }

    func show(_ members: [DemoWatch]) {
        guard .now >= next else { return }
        next = .now + Self.pause
        draw(members)
    }

    func note(_ sentence: String) {
        Terminal.write(erase + Style.dim(sentence) + "\n")
        linesDrawn = 0
    }

    func finish(_ members: [DemoWatch]) {
        draw(members)
        Terminal.write(Self.showCursor)
    }

    /// One write a picture, so that the terminal never shows half of one.
    private func draw(_ members: [DemoWatch]) {
        let picture = DemoPicture(members: members.map(DemoPicture.Cell.init), seconds: seconds)
        let lines = picture.lines(in: Terminal.size)
        let text = lines.map { $0 + Self.clearRest + "\n" }.joined()
        Terminal.write(Self.hideCursor + moveUp + text + Self.clearBelow)
        linesDrawn = lines.count
    }

    private var moveUp: String { linesDrawn == 0 ? "" : "\u{1B}[\(linesDrawn)A\r" }

    private var erase: String { moveUp + Self.clearBelow }
}

extension DemoPicture.Cell {
    /// What is known of a member now.
    init(_ member: DemoWatch) {
        self.init(
            name: member.name,
            process: member.process.id,
            progress: member.progress ?? DemoProgress(),
            rates: member.rates,
            isDone: member.result != nil,
            end: member.earlyEnd?.description
        )
    }
}
