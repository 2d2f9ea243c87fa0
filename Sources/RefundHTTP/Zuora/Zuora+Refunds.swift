import HTTPTypes
import RefundDomain
import RefundService

extension Zuora {
    var refundRoutes: [Route] {
        [
            .get("/refunds/{key}", scope: Scope.readRefunds, bounds.bounding(retrieveRefund)),
            .get("/refunds", scope: Scope.readRefunds, bounds.bounding(listRefunds)),
        ]
    }

    /// `GET /v1/refunds/{refundKey}`.
    private func retrieveRefund(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        let key = RecordID.reference(call.parameter("key"), in: caller.organization, mayBeNumber: true)
        let view = try await operations.retrieveRefund(
            key, of: caller.organization, isShown: { $0.party.role == .customer })
        return .json(.ok) { RefundObject(view, .retrieved).write(into: &$0) }
    }

    /// `GET /v1/refunds`.
    private func listRefunds(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        let listing = try RefundListing(reading: call, in: caller.organization)
        do throws(Failure) {
            let page = try await operations.listRefunds(
                listing.query, narrowedTo: listing.record, through: listing.sieve, for: Self.dialectName,
                of: caller.organization)
            return listing.reply(page.refunds, nextPage: page.hasMore ? call.nextPage(after: listing.page) : nil)
        } catch .notFound {
            // A filter that names nothing matches nothing.
            return listing.reply([], nextPage: nil)
        }
    }
}

/// Which refunds a call lists, and how.
private struct RefundListing {
    /// A page of so many refunds, counted from 1.
    struct Page {
        let number: Int
        let size: Int
    }

    let page: Page
    let query: RefundQuery
    /// The account or the payment whose refunds are asked for.
    let record: ListedRecord?
    /// What the query cannot ask the store for.
    let sieve: RefundSieve

    init(reading call: Call, in organization: OrganizationID) throws(Failure) {
        var reader = QueryReader(call: call, organization: organization)
        page = reader.page()
        record = reader.record()
        query = reader.query(page)
        sieve = reader.sieve()
        try reader.finish()
    }

    func reply(_ views: [RefundView], nextPage: String?) -> Reply {
        .json(.ok) { body in
            body.array("refunds") { refunds in
                for view in views {
                    refunds.object { Zuora.RefundObject(view, .listed).write(into: &$0) }
                }
            }
            if let nextPage { body.field("nextPage", nextPage) }
            body.field("success", true)
        }
    }
}

extension Call {
    /// The address of the page behind one: the same question, but for the number.
    fileprivate func nextPage(after page: RefundListing.Page) -> String {
        let asked = query.filter { $0.name != "page" && $0.name != "pageSize" }
        let next = [("page", "\(page.number + 1)"), ("pageSize", "\(page.size)")]
        let pairs = (asked.map { ($0.name, $0.value) } + next).map { name, value in
            PercentEncoding.encodeQueryComponent(name) + "=" + PercentEncoding.encodeQueryComponent(value)
        }
        return "\(origin)\(path)?\(pairs.joined(separator: "&"))"
    }
}

// MARK: Reading

/// Reads the parameters of a list, and gathers what is wrong with them.
private struct QueryReader {
    let call: Call
    let organization: OrganizationID
    private(set) var problems: [InputProblem] = []

    init(call: Call, organization: OrganizationID) {
        self.call = call
        self.organization = organization
    }

    func finish() throws(Failure) {
        if !problems.isEmpty { throw .input(problems) }
    }

    /// The number of the page counts only together with its size.
    mutating func page() -> RefundListing.Page {
        let size = read("pageSize", "a whole number from 1 to 40") { Int($0).flatMap { 1...40 ~= $0 ? $0 : nil } }
        let number = read("page", "a whole number from 1") { Int($0).flatMap { $0 >= 1 ? $0 : nil } }
        guard let size else { return RefundListing.Page(number: 1, size: 20) }
        let last = Limits.pageOffsetMax / size + 1
        let page = number ?? 1
        if page > last { refuse("page", "at most \(last)") }
        return RefundListing.Page(number: min(page, last), size: size)
    }

    mutating func query(_ page: RefundListing.Page) -> RefundQuery {
        var query = RefundQuery()
        query.offset = (page.number - 1) * page.size
        query.limit = page.size
        readOrder(into: &query)
        if let status = read("status", oneOf: Zuora.Status.self) { query.states = status.states }
        if let type = read("type", oneOf: Zuora.RefundType.self) { query.channels = type.channels }
        if let number = read("number", "a number such as R-00000001", RefundNumber.init(text:)) {
            query.numbers = number.value...number.value
        }
        if let day = read("refundDate", "a date as yyyy-mm-dd", { LocalDate($0) }) {
            query.effectiveOn = day.daysSinceEpoch...day.daysSinceEpoch
        }
        if let second = readSecond("createdDate") { query.createdAt = second }
        if let second = readSecond("updatedDate") { query.updatedAt = second }
        return query
    }

    /// The one account or payment that the list is narrowed to.
    mutating func record() -> ListedRecord? {
        let account = filter("accountId").map { Zuora.RecordID.reference($0, in: organization) }
        let payment = filter("paymentId").map { Zuora.RecordID.reference($0, in: organization, mayBeNumber: true) }
        guard let payment, payment.text != "null" else { return account.map { .party($0) } }
        if account != nil { refuse("paymentId", "given without an accountId") }
        return .payment(payment)
    }

    /// Refunds from vendors are left out of every list.
    mutating func sieve() -> RefundSieve {
        let sieves = readSieves()
        guard !sieves.isEmpty else { return RefundSieve(role: .customer) }
        return RefundSieve(role: .customer) { view in sieves.allSatisfy { $0(view) } }
    }

    private mutating func readSieves() -> [@Sendable (RefundView) -> Bool] {
        var sieves: [@Sendable (RefundView) -> Bool] = []
        if filter("paymentId") == "null" { sieves.append { $0.refund.creditNote != nil } }
        let amount = read("amount", "an amount such as 200.00") { DecimalAmount($0) }
        if let amount {
            sieves.append { (try? amount.money(in: $0.refund.amount.currency)) == $0.refund.amount }
        }
        let words: [(String, Zuora.MethodType?)] = Zuora.MethodType.words.map { ($0.0, $0.1) } + [("null", nil)]
        let methodType = read("methodType", "one of \(words.map(\.0).joined(separator: ", "))") { text in
            words.first { $0.0 == text }
        }
        if let methodType { sieves.append { Zuora.RefundObject($0, .listed).methodType == methodType.1 } }
        for name in ["createdById", "updatedById"] {
            guard let text = filter(name) else { continue }
            sieves.append { Zuora.RecordID.text($0.refund.createdBy, of: $0.organization) == text }
        }
        return sieves
    }

    // MARK: Order

    /// At most two fields.
    ///
    /// No two refunds are equal in number or creation, so that nothing is left for a second field to order; what is
    /// equal in another first field stands in the order of creation, and the second may only say so.
    private mutating func readOrder(into query: inout RefundQuery) {
        query.order = .number
        let fields = (filter("sort") ?? "").split(separator: ",").map { SortField($0) }
        guard let first = fields.first else { return }
        guard let first, fields.count <= 2, fields.dropFirst().allSatisfy({ isServed($0, after: first) }) else {
            let names = SortField.names.joined(separator: ", ")
            refuse("sort", "one of \(names), behind - to ascend, and at most createdDate in that direction after it")
            return
        }
        query.order = first.order
        query.isAscending = first.isAscending
    }

    private func isServed(_ second: SortField?, after first: SortField) -> Bool {
        guard let second else { return false }
        switch first.order {
        case .number, .created: return true
        case .amount, .effectiveOn, .updated: return second.order == .created && second.isAscending == first.isAscending
        }
    }

    // MARK: Values

    private func filter(_ name: String) -> String? { call.queryValue(name) }

    private mutating func read<Value>(_ name: String, _ allowed: String, _ parse: (String) -> Value?) -> Value? {
        guard let text = filter(name) else { return nil }
        let value = parse(text)
        if value == nil { refuse(name, allowed) }
        return value
    }

    private mutating func read<Word: RawRepresentable & CaseIterable>(
        _ name: String, oneOf words: Word.Type
    ) -> Word? where Word.RawValue == String {
        read(name, "one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))", Word.init(rawValue:))
    }

    /// The microseconds of one second: moments are shown and asked for without a fraction.
    private mutating func readSecond(_ name: String) -> ClosedRange<Int64>? {
        let moment = read(name, "a time as yyyy-mm-dd hh:mm:ss") { Timestamps.parse($0) }
        return moment.map { $0.microseconds...$0.microseconds + 999_999 }
    }

    private mutating func refuse(_ name: String, _ allowed: String) {
        problems.append(InputProblem(field: name, kind: .value(allowed)))
    }
}

/// A field by which a list is sorted: `-` ascends, while `+`, the blank that it becomes in a URL, and nothing descend.
private struct SortField {
    static let names = orders.map(\.0)

    let order: RefundQuery.Order
    let isAscending: Bool

    init?(_ text: Substring) {
        let isSigned = ["-", "+", " "].contains(text.first)
        let name = isSigned ? text.dropFirst() : text
        guard let order = Self.orders.first(where: { $0.0 == name }) else { return nil }
        self.order = order.1
        isAscending = text.first == "-"
    }

    private static let orders: [(String, RefundQuery.Order)] = [
        ("number", .number), ("amount", .amount), ("refundDate", .effectiveOn), ("createdDate", .created),
        ("updatedDate", .updated),
    ]
}
