import RefundDomain
import RefundService
import RefundStorage
import RefundTesting
import Testing

/// A record by the identifier that the program gave it.
func reference<Record>(_ id: Identifier<Record>) -> RecordReference {
    RecordReference(dialect: .native, text: "\(id)", generated: id.value)
}

extension RequestRefund.Source {
    static func payment(_ payment: Payment, raisingNote: Bool = false) -> Self {
        .payment(reference(payment.id), raisingNote: raisingNote)
    }

    static func note(_ note: CreditNote, lines: [RequestedLine] = []) -> Self {
        .creditNote(reference(note.id), lines: lines)
    }
}

extension RefundRequest {
    /// A request of the organization of the fixtures; without a digest of its own, equal ones are equal.
    static func of(
        _ source: RequestRefund.Source, _ amount: String, way: RequestRefund.Way = .asTaken, expecting: String? = nil,
        key: String? = nil, space: String = "client", digest: String? = nil, description: String = "",
        organization: OrganizationID = Fixtures.organization.id,
        render: (@Sendable (Result<RefundView, Failure>) -> StoredAnswer)? = nil
    ) throws -> RefundRequest {
        let command = RequestRefund(
            organization: organization, client: Fixtures.client, source: source,
            amount: try #require(DecimalAmount(amount)), way: way, description: description,
            expectedRemaining: try expecting.map { try #require(DecimalAmount($0)) })
        let digest = digest ?? "\(command)"
        return RefundRequest(
            command: command, dialect: .native, digest: digest,
            key: key.map { IdempotencyKey(space: space, key: $0, digest: digest) }, render: render)
    }
}

extension Operations {
    /// Issues a refund, and fails the test where a stored answer comes back instead.
    func refund(_ request: RefundRequest) async throws -> RefundView {
        switch try await requestRefund(request) {
        case .refund(let view): return view
        case .replay(let answer):
            Issue.record("a stored answer came back: \(answer.status)")
            throw Failure.bug
        }
    }

    /// What a caller hears.
    func answer(to request: RefundRequest) async -> Result<RefundView, Failure> {
        do {
            return .success(try await refund(request))
        } catch let failure as Failure {
            return .failure(failure)
        } catch {
            return .failure(.bug)
        }
    }

    /// What callers hear who ask at once.
    func answers(to requests: [RefundRequest]) async -> [Result<RefundView, Failure>] {
        await withTaskGroup(of: (Int, Result<RefundView, Failure>).self) { group in
            for (index, request) in requests.enumerated() {
                group.addTask { (index, await answer(to: request)) }
            }
            var answers: [Int: Result<RefundView, Failure>] = [:]
            for await (index, answer) in group { answers[index] = answer }
            return requests.indices.compactMap { answers[$0] }
        }
    }

    /// The refund as it stands now.
    func now(_ view: RefundView) async throws -> RefundView {
        try await retrieveRefund(reference(view.refund.id), of: view.organization)
    }

    /// What `verify` has against the database.
    func breaches() async throws -> [Breach] { try await verify().breaches }
}

extension Result where Success == RefundView, Failure == RefundService.Failure {
    var refusal: RefundError? {
        guard case .failure(.refund(let error)) = self else { return nil }
        return error
    }

    var failure: RefundService.Failure? {
        guard case .failure(let failure) = self else { return nil }
        return failure
    }
}

extension ServiceNode {
    func payment(_ payment: Payment) async throws -> Payment {
        try await operations.retrievePayment(reference(payment.id), of: Fixtures.organization.id)
    }

    func note(_ note: CreditNote) async throws -> CreditNote {
        try await operations.retrieveCreditNote(reference(note.id), of: Fixtures.organization.id).note
    }
}

/// Minor units of a currency with two decimals, as a caller writes them.
func decimal(_ minorUnits: Int64) -> String { Money(minorUnits: minorUnits, currency: Fixtures.rupee).decimalText }
