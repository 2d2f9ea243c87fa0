import RefundDomain
import RefundService
import RefundTesting

/// Charges, and whose payments they are.
extension WorldRun {
    func putPayment(_ index: Int) async throws {
        guard payments[index] == nil else { return add("it is here already") }
        let payment = world.payments[index]
        captured[index] = firstCaptured(of: payment).minorUnits
        var after = oracle
        let isAllowed: Bool
        do throws(Oracle.Refusal) {
            try after.putPayment(
                payment.name, captured: firstCaptured(of: payment), customer: World.parties[payment.party],
                rate: payment.rate.oracle, hasCharge: payment.isCharged)
            isAllowed = true
        } catch {
            isAllowed = false
        }
        if let shown = reported[index] {
            report.count("told before it was put: \(isAllowed ? "taken over" : "refused")")
            if payment.isPutByIdentifier {
                add("by the identifier that is shown")
                judge(await putting(.payment(brought(index, as: "\(shown)"))), isAllowed: isAllowed)
            }
        }
        let failure = await putting(.payment(brought(index)))
        judge(failure, isAllowed: isAllowed)
        guard failure == nil else {
            captured[index] = nil
            return judge(failure, names: reported[index])
        }
        oracle = after
        payments[index] = try await auditor.operations.retrievePayment(
            Brought.reference(payment.name), of: organization
        ).id
        if let shown = reported[index], shown != payments[index] { complain("\(payment.name) is two payments") }
    }

    /// The payment that a gateway's word of its charge made.
    func findReported(_ index: Int) async throws {
        let dialect = DialectName.references(of: Fixtures.gateway)
        reported[index] = try await auditor.operations.retrievePayment(
            Brought.reference(world.payments[index].charge, in: dialect), of: organization
        ).id
    }

    /// Puts a second record that names the charge: the same payment where it tells the same, else none.
    func shareCharge(of index: Int, _ sharing: WorldSharing) async {
        let payment = world.payments[index]
        guard let id = payments[index], payment.isCharged else { return add("it has no charge here") }
        var record = brought(index, as: "\(payment.name) of step \(report.stepsTaken)")
        switch sharing {
        case .same: break
        case .otherAmount:
            let units = (oracle.purse(of: payment.name)?.captured ?? 0) + 1
            record.captured = money(units, payment.currency)
            record.state = .succeeded
        case .otherParty:
            record.party = Brought.reference(World.parties[1 - payment.party])
            record.method = nil
        }
        let failure = await putting(.payment(record))
        judge(failure, isAllowed: sharing == .same)
        if failure != nil { judge(failure, names: id) }
    }

    private func judge(_ failure: Failure?, names payment: PaymentID?) {
        guard case .chargeOfAnotherPayment(payment, _)? = failure else {
            return complain("the payment that has the charge is not named: \(failure.map { "\($0)" } ?? "nothing")")
        }
    }

    /// Whether what the gateway tells of a payment waits, as it may be a refund of ours that has no answer yet.
    func isHeldBack(_ index: Int) async throws -> Bool {
        guard !world.isGatewayMarking else { return false }
        return try await ProgramFigures.awaitsAnswer(
            of: payments[index] ?? reported[index], organization, in: store)
    }

    /// What was held back is recorded once the refund of ours has its answer.
    func checkWaiting() async throws {
        for name in waiting.sorted() {
            guard case .payment(let payment)? = sources[name],
                let index = world.payments.firstIndex(where: { $0.name == payment })
            else { continue }
            if try await !isHeldBack(index) { complain("\(name) was never recorded") }
            report.count("end: held back")
        }
    }
}
