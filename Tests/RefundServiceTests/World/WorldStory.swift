import RefundTesting

/// A world and what happens in it, all of which follow from a seed.
struct WorldStory: Sendable {
    let world: World
    let steps: [WorldStep]

    /// Draws a world and its story; steps whose kind is switched off are drawn and left out.
    init(seed: UInt64, kinds: Set<WorldKind> = WorldKind.enabled) {
        var random = SeededGenerator(seed: seed)
        var world = World(seed: seed, kinds: kinds, &random)
        var draw = Draw(world: world)
        let told = (0..<Int.random(in: 12...70, using: &random)).map { _ in draw.step(&random) }
        var steps = Self.merge(Self.records(of: world, &random), into: told, &random)
            .filter { $0.kind.map(kinds.contains) ?? true }
        if kinds.contains(.neighbor), random.chance(oneIn: 6) {
            var neighbor = World(seed: seed, kinds: kinds, &random)
            neighbor.isGatewayMarking = world.isGatewayMarking
            world.neighbors = [neighbor]
            var draw = Draw(world: neighbor)
            let told = (0..<Int.random(in: 3...16, using: &random)).map { _ in draw.step(&random) }
            let next = (Self.records(of: neighbor, &random) + told).filter { $0.kind.map(kinds.contains) ?? true }
            steps = Self.merge(next.map(WorldStep.neighbor), between: steps, &random)
        }
        self.world = world
        self.steps = steps
    }

    init(world: World, steps: [WorldStep]) {
        self.world = world
        self.steps = steps
    }

    /// The records in an order in which each finds what it refers to.
    private static func records(of world: World, _ random: inout SeededGenerator) -> [WorldStep] {
        var steps = world.payments.indices.shuffled(using: &random).map { WorldStep.putPayment($0) }
        for (index, payment) in world.payments.enumerated() where payment.isToldFirst {
            let place = Int.random(in: 0...(steps.firstIndex(of: .putPayment(index)) ?? 0), using: &random)
            steps.insert(.captureMore(payment: index, tenths: random.one(of: [0, 8, 10, 12])), at: place)
        }
        for (index, note) in world.notes.enumerated() {
            let backers = note.backers.compactMap { steps.firstIndex(of: .putPayment($0)) }
            let earliest = (backers.max() ?? -1) + 1
            steps.insert(.putNote(index), at: Int.random(in: earliest...steps.count, using: &random))
        }
        for (index, past) in world.past.enumerated() {
            let source: WorldStep
            switch past.source {
            case .payment(let payment): source = .putPayment(payment)
            case .note(let note): source = .putNote(note)
            }
            let earliest = steps.firstIndex(of: source).map { $0 + 1 } ?? steps.count
            steps.insert(.load(index), at: Int.random(in: earliest...steps.count, using: &random))
        }
        return steps
    }

    /// Both in their order.
    private static func merge(
        _ steps: [WorldStep], between others: [WorldStep], _ random: inout SeededGenerator
    ) -> [WorldStep] {
        let places = Set((0..<others.count + steps.count).shuffled(using: &random).prefix(steps.count))
        var (mine, theirs) = (steps[...], others[...])
        return (0..<others.count + steps.count).compactMap { place in
            places.contains(place) ? mine.popFirst() : theirs.popFirst()
        }
    }

    /// Most records come first, and some while the story is told, in their order.
    private static func merge(
        _ records: [WorldStep], into told: [WorldStep], _ random: inout SeededGenerator
    ) -> [WorldStep] {
        let first = Int.random(in: (records.count + 1) / 2...records.count, using: &random)
        var places = records[first...].map { _ in Int.random(in: 0...told.count / 2, using: &random) }.sorted()
        var steps = Array(records[..<first])
        var late = records[first...]
        for (index, step) in told.enumerated() {
            while let place = places.first, place <= index, let record = late.popFirst() {
                steps.append(record)
                places.removeFirst()
            }
            steps.append(step)
        }
        return steps + late
    }
}

/// Draws the steps of one story, and names what they make.
private struct Draw {
    let world: World
    private var requests: [String] = []
    private var strays: [String] = []
    private var disputes: [(name: String, payment: Int)] = []

    init(world: World) {
        self.world = world
    }

    private typealias Kind = (weight: Int, draw: @Sendable (inout Draw, inout SeededGenerator) -> WorldStep)

    /// How often each kind of step comes beside the others, and how one is drawn.
    private static let draws: [Kind] = [
        (22, { .request($0.request(&$1)) }),
        (3, { .atOnce($0.request(&$1), $0.request(&$1)) }),
        (3, { .race($0.request(&$1), payment: $0.payment(&$1), tenths: $1.one(of: [9, 10, 10, 11, 14])) }),
        (3, { .repeatRequest($0.refund(&$1)) }),
        (6, { .cancel($0.refund(&$1)) }),
        (6, { .resolve($0.refund(&$1), succeeded: $1.chance(oneIn: 2)) }),
        (5, { .ask($0.refund(&$1)) }),
        (
            12,
            {
                .gatewayDecides(
                    $0.refundOrStray(&$1), $1.one(of: WorldGateway.Verdict.allCases),
                    $1.one(of: WorldTelling.allCases))
            }
        ),
        (5, { $0.outOfBand(&$1) }),
        (2, { .captureMore(payment: $0.payment(&$1), tenths: Int64.random(in: 8...15, using: &$1)) }),
        (4, { $0.dispute(&$1) }),
        (4, { .putAgain(payment: $0.payment(&$1), tenths: $1.one(of: [0, 2, 5, 9, 10, 10, 12, 15])) }),
        (2, { .ownerDisputes(payment: $0.payment(&$1), tenths: $1.one(of: [0, 3, 10])) }),
        (2, { draw, random in draw.changeOfNote(&random) }),
        (1, { .wrongLink(payment: $0.payment(&$1), isOtherCurrency: $1.chance(oneIn: 2)) }),
        (1, { .stranger(payment: $0.payment(&$1), $1.one(of: WorldReach.allCases)) }),
        (2, { .lineDown(calls: Int.random(in: 1...8, using: &$1)) }),
        (
            4,
            { draw, random in
                let known = draw.refund(&random)
                return .retry(known, as: draw.nextName(), random.one(of: WorldGateway.Plan.allCases))
            }
        ),
        (
            2,
            { draw, random in
                let tenths = Int64.random(in: 2...7, using: &random)
                let note = draw.world.notes.indices.randomElement(using: &random)
                return note.map { .nameBackers(note: $0, tenths: tenths) } ?? .pass(seconds: 1)
            }
        ),
        (2, { .shareCharge(payment: $0.payment(&$1), $1.one(of: WorldSharing.allCases)) }),
        (8, { .pass(seconds: $1.one(of: [1, 6, 31, 61, 301, 3_601, 86_400, 8 * 86_400, 36 * 86_400])) }),
        (5, { .loss($0.loss(&$1)) }),
        (2, { .clock(node: Int.random(in: 0...1, using: &$1), ahead: $1.one(of: Self.clockErrors)) }),
        (2, { .full(node: Int.random(in: 0...1, using: &$1), steps: Int.random(in: 1...9, using: &$1)) }),
        (3, { _, _ in .backUp }),
        (2, { _, _ in .restore }),
        (3, { .death(node: Int.random(in: 0...1, using: &$1), moments: Int.random(in: 0...9, using: &$1)) }),
    ]
    /// Seconds; up to thirty either way a node may act.
    private static let clockErrors = [0, 0, 29, -29, 25, -25, 32, -32, 3_600, -3_600]
    private static let weights = draws.reduce(0) { $0 + $1.weight }

    mutating func step(_ random: inout SeededGenerator) -> WorldStep {
        var left = Int.random(in: 0..<Self.weights, using: &random)
        for kind in Self.draws {
            if left < kind.weight { return kind.draw(&self, &random) }
            left -= kind.weight
        }
        return .pass(seconds: 1)
    }

    private mutating func request(_ random: inout SeededGenerator) -> WorldRequest {
        let isOfNote = !world.notes.isEmpty && random.chance(oneIn: 2)
        let source: WorldSource =
            isOfNote
            ? .note(Int.random(in: world.notes.indices, using: &random))
            : .payment(Int.random(in: world.payments.indices, using: &random))
        let roads: [WorldRoad] =
            random.chance(oneIn: 20)
            ? [.methodOfAnother]
            : isOfNote ? [.charge, .charge, .offline, .method] : [.charge, .charge, .offline, .method, .raisingNote]
        return WorldRequest(
            name: nextName(), source: source, road: random.one(of: roads),
            amount: Self.amount(&random), node: random.chance(oneIn: 3) ? 1 : 0,
            plan: random.chance(oneIn: 3) ? .succeed : random.one(of: WorldGateway.Plan.allCases),
            isKeyed: !random.chance(oneIn: 3))
    }

    private mutating func nextName() -> String {
        requests.append("R\(requests.count + 1)")
        return requests[requests.count - 1]
    }

    /// Around what is left, or some of it.
    private static func amount(_ random: inout SeededGenerator) -> WorldAmount {
        let tenths = WorldAmount.tenths(Int64.random(in: 1...6, using: &random))
        let minorUnits = WorldAmount.minorUnits(Int64.random(in: 1...12_000, using: &random))
        return random.one(of: [tenths, tenths, tenths, tenths, tenths, .left(-1), .left(0), .left(1), minorUnits])
    }

    private func loss(_ random: inout SeededGenerator) -> WorldLoss {
        let call = random.one(of: WorldLoss.Call.allCases)
        let callsBefore = Int.random(in: 0...4, using: &random)
        let isOfAll = [.read, .write, .answer].contains(call)
        return WorldLoss(
            node: Int.random(in: 0...1, using: &random), call: call, callsBefore: isOfAll ? callsBefore : 0,
            times: random.one(of: [1, 1, 1, 2, 4]), isAskedAgain: !random.chance(oneIn: 3))
    }

    private func payment(_ random: inout SeededGenerator) -> Int {
        Int.random(in: world.payments.indices, using: &random)
    }

    /// One of those that were asked for lately, or any.
    private func refund(_ random: inout SeededGenerator) -> String {
        let known = random.chance(oneIn: 3) ? requests[...] : requests.suffix(4)
        return random.pick(known) ?? "R1"
    }

    private func refundOrStray(_ random: inout SeededGenerator) -> String {
        random.chance(oneIn: 4) ? random.pick(strays) ?? refund(&random) : refund(&random)
    }

    private mutating func outOfBand(_ random: inout SeededGenerator) -> WorldStep {
        strays.append("B\(strays.count + 1)")
        return .outOfBand(
            strays[strays.count - 1], payment: payment(&random), Self.amount(&random),
            random.one(of: [.pending, .succeeded, .succeeded, .failed]), random.one(of: [.notice, .noticeTwice]))
    }

    private mutating func dispute(_ random: inout SeededGenerator) -> WorldStep {
        let tenths = Int64.random(in: 1...12, using: &random)
        let isAskedFirst = random.chance(oneIn: 4)
        if let known = random.pick(disputes), !random.chance(oneIn: 3) {
            let stage = random.one(of: WorldDispute.allCases)
            return .dispute(known.name, payment: known.payment, stage, tenths: tenths)
        }
        disputes.append(("D\(disputes.count + 1)", payment(&random)))
        let new = disputes[disputes.count - 1]
        return .dispute(new.name, payment: new.payment, isAskedFirst ? .inquiry : .open, tenths: tenths)
    }

    private func changeOfNote(_ random: inout SeededGenerator) -> WorldStep {
        guard let note = world.notes.indices.randomElement(using: &random) else { return .pass(seconds: 1) }
        return random.chance(oneIn: 3)
            ? .voidNote(note) : .applyNote(note, tenths: Int64.random(in: 1...10, using: &random))
    }
}
