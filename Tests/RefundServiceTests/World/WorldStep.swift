import RefundDomain

/// How much is asked for or told; what is left is known only when the step comes.
enum WorldAmount: Hashable, Sendable {
    case minorUnits(Int64)
    /// What is left, and so much more or less.
    case left(Int64)
    /// So many tenths of what is left.
    case tenths(Int64)
}

/// By which way a refund is to go.
enum WorldRoad: String, CaseIterable, Sendable {
    case charge = "the way the money came"
    case offline = "in cash"
    case method = "to the card of its party"
    case methodOfAnother = "to another party's card"
    case raisingNote = "the way the money came, raising a note"
}

/// One request for a refund, which may be sent more than once.
struct WorldRequest: Hashable, Sendable {
    let name: String
    let source: WorldSource
    let road: WorldRoad
    let amount: WorldAmount
    let node: Int
    let plan: WorldGateway.Plan
    let isKeyed: Bool
}

/// How the program comes to know what a gateway did.
enum WorldTelling: String, CaseIterable, Sendable {
    case notice = "and tells of it"
    case noticeTwice = "and tells of it twice"
    case asking = "and is asked"
    case nothing = "and tells nobody"
}

/// How far a dispute comes.
enum WorldDispute: String, CaseIterable, Sendable {
    case open = "is opened"
    case grown = "grows"
    case won = "is won"
    case lost = "is lost"
    case inquiry = "is an inquiry"
}

/// One attempt of another organization to reach the records of the first.
enum WorldReach: String, CaseIterable, Sendable {
    case byName = "asks for a refund of it by its name"
    case byIdentifier = "asks for a refund of it by its identifier"
    case cancellation = "cancels a refund of it"
}

/// What a second record of a charge says of it.
enum WorldSharing: String, CaseIterable, Sendable {
    case same = "the same"
    case otherAmount = "another amount"
    case otherParty = "another party"
}

/// One thing that happens in a world.
///
/// Records are named by their place, refunds by their names, so that steps can be left out of a story. A new kind is
/// a case here, a line in `WorldStory.draws` and a branch in `WorldRun.act(_:)`.
enum WorldStep: Hashable, Sendable {
    case putPayment(Int)
    case putNote(Int)
    case load(Int)
    case request(WorldRequest)
    case atOnce(WorldRequest, WorldRequest)
    /// A request while the owner puts a payment again.
    case race(WorldRequest, payment: Int, tenths: Int64)
    case repeatRequest(String)
    case cancel(String)
    case resolve(String, succeeded: Bool)
    case ask(String)
    case gatewayDecides(String, WorldGateway.Verdict, WorldTelling)
    case outOfBand(String, payment: Int, WorldAmount, WorldGateway.Verdict, WorldTelling)
    case captureMore(payment: Int, tenths: Int64)
    case dispute(String, payment: Int, WorldDispute, tenths: Int64)
    case putAgain(payment: Int, tenths: Int64)
    case ownerDisputes(payment: Int, tenths: Int64)
    case applyNote(Int, tenths: Int64)
    case voidNote(Int)
    case wrongLink(payment: Int, isOtherCurrency: Bool)
    case stranger(payment: Int, WorldReach)
    case lineDown(calls: Int)
    case pass(seconds: Int64)
    case loss(WorldLoss)
    /// A node dies after so many moments.
    case death(node: Int, moments: Int)
    /// A node's clock is so many seconds ahead of the database's.
    case clock(node: Int, ahead: Int)
    /// A node has no room for calls of gateways for so many steps.
    case full(node: Int, steps: Int)
    case backUp
    case restore
    /// In the other organization.
    indirect case neighbor(WorldStep)
    case retry(String, as: String, WorldGateway.Plan)
    case shareCharge(payment: Int, WorldSharing)
    case nameBackers(note: Int, tenths: Int64)
}

extension WorldStep {
    /// What has to be switched on for it; nothing for the putting of records.
    var kind: WorldKind? {
        switch self {
        case .putPayment, .putNote: nil
        case .load: .history
        case .request(let request): request.road == .raisingNote ? .raisingNote : .request
        case .atOnce: .atOnce
        case .race: .race
        case .repeatRequest: .repeatRequest
        case .cancel: .cancel
        case .resolve: .resolve
        case .ask: .ask
        case .gatewayDecides: .decision
        case .outOfBand: .outOfBand
        case .captureMore: .captureMore
        case .dispute(_, _, .inquiry, _): .inquiry
        case .dispute: .dispute
        case .putAgain: .putAgain
        case .ownerDisputes: .ownerDisputes
        case .applyNote: .applyNote
        case .voidNote: .voidNote
        case .wrongLink: .wrongLink
        case .stranger: .stranger
        case .lineDown: .lineDown
        case .pass: .pass
        case .loss: .lostCalls
        case .death: .death
        case .neighbor: .neighbor
        case .clock: .wrongClock
        case .full: .fullQueue
        case .backUp, .restore: .restore
        case .retry: .retry
        case .shareCharge: .chargeBeforeRecord
        case .nameBackers: .severalBackings
        }
    }

    /// The step in words.
    func text(in world: World) -> String {
        switch self {
        case .putPayment(let index): "the payment \(world.payments[index].name) is put"
        case .putNote(let index): "the note \(world.notes[index].name) is put"
        case .load(let index): world.text(of: world.past[index])
        case .request(let request): world.text(of: request)
        case .atOnce(let one, let other): "at once: \(world.text(of: one)); \(world.text(of: other))"
        case .race(let request, let payment, let tenths):
            "at once: \(world.text(of: request)); \(world.payments[payment].name) is put again with \(tenths) tenths "
                + "captured"
        case .repeatRequest(let name): "the request for \(name) is sent again as it was"
        case .cancel(let name): "\(name) is canceled"
        case .resolve(let name, let succeeded): "an operator ends \(name): \(succeeded ? "succeeded" : "failed")"
        case .ask(let name): "a person has the gateway asked about \(name)"
        case .gatewayDecides(let name, let verdict, let telling):
            "the gateway lets \(name) be \(verdict.rawValue), \(telling.rawValue)"
        case .outOfBand(let name, let payment, let amount, let verdict, let telling):
            "the gateway gives back \(amount.text) of \(world.payments[payment].name) by itself as \(name), "
                + "\(verdict.rawValue), \(telling.rawValue)"
        case .captureMore(let payment, let tenths):
            "the gateway tells of \(tenths) tenths captured of \(world.payments[payment].name)"
        case .dispute(let name, let payment, let stage, let tenths):
            "the dispute \(name) of \(tenths) tenths of \(world.payments[payment].name) \(stage.rawValue)"
        case .putAgain(let payment, let tenths):
            "\(world.payments[payment].name) is put again with \(tenths) tenths captured"
        case .ownerDisputes(let payment, let tenths):
            "\(world.payments[payment].name) is put again with \(tenths) tenths disputed"
        case .applyNote(let note, let tenths):
            "\(world.notes[note].name) is put again with \(tenths) tenths of what is left applied"
        case .voidNote(let note): "\(world.notes[note].name) is voided"
        case .wrongLink(let payment, let isOtherCurrency):
            "a note \(isOtherCurrency ? "in another currency" : "of another party") names "
                + world.payments[payment].name
        case .stranger(let payment, let reach):
            "another organization \(reach.rawValue): \(world.payments[payment].name)"
        case .lineDown(let calls): "the line to the gateway is down for \(calls) calls"
        case .pass(let seconds): "\(seconds) seconds pass"
        case .loss(let loss):
            "after \(loss.callsBefore) more, \(loss.times) of node \(loss.node + 1)'s \(loss.call.rawValue)"
                + (loss.isAskedAgain ? "; callers ask again" : "")
        case .clock(let node, let ahead): "the clock of node \(node + 1) is set to \(ahead) seconds ahead"
        case .backUp: "the database is copied"
        case .restore: "the database is put back to the copy, and sending is resumed"
        case .full(let node, let steps):
            "node \(node + 1) has no room for calls of gateways, for \(steps) steps"
        case .neighbor(let step): "next door, \(world.neighbors.first.map(step.text) ?? "")"
        case .death(let node, let moments): "node \(node + 1) dies after \(moments) moments more"
        case .retry(let known, let name, let plan):
            "\(known) is made again as \(name); the gateway \(plan.rawValue)"
        case .nameBackers(let note, let tenths):
            "\(world.notes[note].name) is put again with \(tenths) tenths backed by each of two payments"
        case .shareCharge(let payment, let sharing):
            "another record with the charge of \(world.payments[payment].name) is put, which tells \(sharing.rawValue)"
        }
    }
}

extension WorldAmount {
    var text: String {
        switch self {
        case .minorUnits(let units): "\(units) minor units"
        case .left(let more): more == 0 ? "what is left" : "what is left and \(more)"
        case .tenths(let tenths): "\(tenths) tenths of what is left"
        }
    }
}

extension World {
    fileprivate func text(of request: WorldRequest) -> String {
        let key = request.isKeyed ? "" : ", without a key"
        return "\(request.name): \(request.amount.text) of \(name(of: request.source)) \(request.road.rawValue), "
            + "on node \(request.node + 1)\(key); the gateway \(request.plan.rawValue)"
    }

    fileprivate func text(of past: PastRefund) -> String {
        "\(past.name) is loaded: \(past.tenths) tenths of what was left of \(name(of: past.source)), "
            + (past.isOffline ? "in cash" : "by the gateway")
    }
}
