import RefundDomain
import RefundService

/// Some hundred payments and past refunds of the last 90 days, so that lists look alive.
///
/// The same seed always makes the same ones, but for their days.
struct GeneratedRefunds {
    private static let customers = [
        "Asha Rao", "Bright Looms", "Cedar and Sons", "Dhruv Mehta", "Eastwind Foods", "Fern Studio", "Green Lane Cafe",
        "Hima Textiles", "Indus Books", "Jasmine Spa", "Kite Sports", "Lotus Pharmacy",
    ]
    private static let count = 300
    private static let days = 90

    private let today: LocalDate
    private let now: Instant
    private let currency: Currency

    init(until now: Instant) throws {
        guard let currency = Currency("INR") else { throw CommandFailure("no currency INR", exitCode: 70) }
        self.now = now
        self.currency = currency
        today = Calendar().day(of: now, in: "Asia/Kolkata")
    }

    /// The records, each by an identifier of the program's own: `demo-…`.
    var batch: RecordBatch {
        var generator = DemoGenerator(state: 0x5EED)
        var entries: [(place: String, entry: RecordBatch.Entry)] = []
        for (index, name) in Self.customers.enumerated() {
            let address = name.lowercased().filter(\.isLetter) + "@example.com"
            entries.append(("", .party(party(index, name, address))))
        }
        for index in 0..<Self.count {
            let customer = Int(generator.next() % UInt64(Self.customers.count))
            let captured = Int64(5_000 + generator.next() % 500_000)
            let age = Int(generator.next() % UInt64(Self.days))
            let isElectronic = generator.next() % 3 != 0
            let isPartial = generator.next() % 2 == 0
            let payment = payment(index, customer, captured, age, isElectronic)
            entries.append(("", .payment(payment)))
            let amount = isPartial ? captured / 2 : captured
            let fails = isElectronic && generator.next() % 20 == 0
            entries.append(("", .refund(refund(index, amount, age, isElectronic, fails))))
        }
        return RecordBatch(entries: entries, updates: false)
    }

    private func party(_ index: Int, _ name: String, _ email: String) -> PutParty {
        PutParty(
            externalIDs: [.native: "demo-customer-\(index)"], role: .customer, name: name, email: email, isActive: true)
    }

    private func payment(
        _ index: Int, _ customer: Int, _ captured: Int64, _ age: Int, _ isElectronic: Bool
    ) -> PutPayment {
        PutPayment(
            externalIDs: [.native: "demo-payment-\(index)"], party: reference("demo-customer-\(customer)"),
            number: "PAY-\(1_000 + index)", state: .succeeded, mode: isElectronic ? .creditCard : .bankTransfer,
            charge: isElectronic
                ? Charge(gateway: Composition.simulator, reference: "demo-charge-\(index)") : nil,
            method: nil, currency: currency, captured: Money(minorUnits: captured, currency: currency), disputed: nil,
            rate: nil, receivedOn: today.adding(days: -age - 5), invoiceNumber: "INV-\(1_000 + index)")
    }

    private func refund(
        _ index: Int, _ amount: Int64, _ age: Int, _ isElectronic: Bool, _ fails: Bool
    ) -> PutPastRefund {
        PutPastRefund(
            externalIDs: [.native: "demo-refund-\(index)"], number: nil,
            source: .payment(reference("demo-payment-\(index)")),
            amount: Money(minorUnits: amount, currency: currency), state: fails ? .failed : .succeeded,
            channel: isElectronic ? .electronic(Composition.simulator) : .offline(.bankTransfer),
            effectiveOn: today.adding(days: -age), createdAt: now - .seconds(86_400 * age),
            reason: .requestedByCustomer, initiator: .merchant, description: "Order returned", reference: "",
            gatewayReference: isElectronic ? "demo-gateway-\(index)" : "", networkReference: "",
            failure: fails ? .expiredOrCanceledCard : nil, annotations: "")
    }

    private func reference(_ text: String) -> RecordReference {
        RecordReference(dialect: .native, text: text, generated: nil)
    }
}

/// A small generator that gives the same numbers for the same seed (SplitMix64, Steele and others, 2014).
private struct DemoGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
