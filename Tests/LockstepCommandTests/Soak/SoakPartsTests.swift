import LockstepTesting
import Testing

@testable import LockstepCommand

@Suite
struct SoakWaveTests {
    private func waves(members: Int, seeds: UInt64 = 500) -> [SoakWave] {
        (0..<seeds).map { seed in
            var random = SeededRandom(seed: seed)
            return SoakWave(members: members, wanted: 5, using: &random)
        }
    }

    @Test(arguments: 2...7)
    func aMajorityGoesOnWhateverTheNewcomersDo(members: Int) {
        for wave in waves(members: members) {
            let joining = wave.steps.count { $0.event == .join }
            let victims = wave.steps.compactMap(\.event.victim)
            #expect(2 * (members - victims.count) > members + joining, "\(wave)")
        }
    }

    @Test(arguments: 2...7)
    func nothingHappensTwiceToOneMember(members: Int) {
        for wave in waves(members: members) {
            let victims = wave.steps.compactMap(\.event.victim)
            #expect(Set(victims).count == victims.count, "\(wave)")
            #expect(victims.allSatisfy { (0..<members).contains($0) }, "\(wave)")
        }
    }

    @Test
    func whoIsStoppedGoesOnLater() {
        for wave in waves(members: 5) {
            for (place, step) in wave.steps.enumerated() {
                guard case .stop(let rank) = step.event else { continue }
                #expect(wave.steps[(place + 1)...].contains { $0.event == .resume(rank) }, "\(wave)")
            }
            #expect(wave.steps.map(\.start) == wave.steps.map(\.start).sorted())
        }
    }

    @Test
    func everythingHappensSometimes() {
        let events = waves(members: 5).flatMap(\.steps).map(\.event)
        for rank in 0..<5 {
            for event in [SoakWave.Event.kill(rank), .stop(rank), .leave(rank)] { #expect(events.contains(event)) }
        }
        #expect(events.contains(.join))
        // Two members can lose none of them: only newcomers help.
        #expect(waves(members: 2).flatMap(\.steps).allSatisfy { $0.event == .join })
    }

    @Test
    func aSeedGivesTheSameWave() {
        #expect(waves(members: 5, seeds: 50) == waves(members: 5, seeds: 50))
    }
}

@Suite
struct SoakReportTests {
    private let counts = SoakCounts(kills: 4, stops: 3, leaves: 2, joins: 1)

    private func verdict(lost: UInt64 = 0) -> FleetVerdict {
        FleetVerdict([FleetVerdict.Replica(name: "m0", sequences: [1: 70])], acknowledged: [(1, 70 + lost)])
    }

    @Test
    func addsUpClusters() {
        var report = SoakReport(members: 5, seed: 9)
        report.add(counts, story: [], verdict())
        report.add(counts, story: [], verdict())
        report.seconds = 40
        let expected = """
            {"seconds":40.0,"members":5,"seed":9,"clusters":2,"kills":8,"stops":6,"leaves":4,"joins":2,"falseSuspicions":0,\
            "acknowledged":140,"lost":0,"duplicated":0,"checked":0,"violation":null,"failedSeed":null}
            """
        #expect(report.json.line == expected)
        #expect(
            report.text == """
                Two clusters in 40 s, with 8 kills, 6 stops, 4 leaves and 2 joins.
                140 updates were acknowledged, and each was on every replica of its cluster exactly once.

                """
        )
    }

    @Test
    func saysThatTheHostIsTooBusy() {
        var report = SoakReport(members: 5, seed: 9)
        report.add(SoakCounts(falseSuspicions: 2), story: [], verdict())
        #expect(report.text.contains("Two times a member was left out to which nothing was done"))
    }

    @Test
    func tellsWhatWentWrongAndHowToSeeItAgain() {
        var report = SoakReport(members: 5, seed: 9)
        report.add(counts, story: [], verdict())
        report.add(counts, story: ["m1 is killed"], verdict(lost: 2))
        #expect(report.violation != nil)
        #expect(report.json.line.contains(#""lost":2,"#) && report.json.line.hasSuffix(#""failedSeed":10}"#))
        let lines = report.text.split(separator: "\n")
        #expect(lines[1].hasPrefix("The cluster with the seed 10 went wrong. 72 updates were acknowledged: 2 of them"))
        #expect(lines.contains("m1 is killed"))
        #expect(lines.last == "To see it again, perhaps: lockstep soak --members 5 --seed 10")
    }
}
