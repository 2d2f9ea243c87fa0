import RefundDomain

extension RefundScene {
    /// Any accepted refund: every source and way, foreign currencies, odd rates, small amounts and large ones.
    static func random(_ random: inout SplitMix64) -> RefundScene {
        var scene = RefundScene(random.element(of: Source.allCases))
        let currency = random.currency()
        let amount = max(1, random.digits(atMost: 9))
        scene.amount = Money(minorUnits: amount, currency: currency)
        scene.organization.baseCurrency = random.isOnce(in: 4) ? currency : random.currency()
        let isForeign = scene.organization.baseCurrency != currency
        scene.payment.rate = isForeign ? randomRate(&random) : .one
        scene.note.rate = isForeign ? randomRate(&random) : .one
        scene.payment.captured = amount + random.digits(atMost: 9)
        scene.payment.refunded = random.number(in: 0...scene.payment.captured - amount)
        scene.note.total = amount + random.digits(atMost: 9)
        scene.note.applied = random.number(in: 0...scene.note.total - amount)
        scene.way = random.element(of: [.asTaken, .asTaken, .offline(.cash), .offline(.check), .toMethod()])
        if random.isOnce(in: 4) { scene.payment.charge = nil }
        scene.hasRoom = !random.isOnce(in: 3)
        return scene
    }

    private static func randomRate(_ random: inout SplitMix64) -> ExchangeRate {
        let fraction = (0..<random.index(below: 9)).map { _ in String(random.index(below: 10)) }.joined()
        return rate("\(random.digits(atMost: 4))" + "." + fraction + "1")
    }
}

extension SplitMix64 {
    private static let currencies = Currency.all

    mutating func currency() -> Currency { element(of: Self.currencies) }
}
