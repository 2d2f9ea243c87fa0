import RefundDomain

extension Zuora {
    /// Where a refund stands.
    enum Status: String, CaseIterable {
        case processed = "Processed"
        case canceled = "Canceled"
        case error = "Error"
        case processing = "Processing"

        init(_ state: RefundState) {
            switch state {
            case .requested, .awaitingApproval, .approved, .submitting, .pending, .unknown: self = .processing
            case .succeeded: self = .processed
            case .failed, .returned: self = .error
            case .canceled, .voided: self = .canceled
            }
        }

        /// The states that are shown by this word.
        var states: [RefundState] { RefundState.allCases.filter { Status($0) == self } }
    }

    /// How far a refund has come with its gateway.
    enum GatewayState: String {
        case markedForSubmission = "MarkedForSubmission"
        case submitted = "Submitted"
        case settled = "Settled"
        case notSubmitted = "NotSubmitted"
        case failedToSettle = "FailedToSettle"

        init(_ refund: Refund, _ payout: Payout?) {
            switch refund.state {
            case .requested, .awaitingApproval, .approved, .submitting:
                self = .markedForSubmission
            case .pending, .unknown:
                // Not «NotSubmitted» while nobody knows: that would invite a second payment.
                self = .submitted
            case .succeeded:
                let reached = refund.settledAt == nil ? GatewayState.submitted : .settled
                self = refund.channel.isElectronic ? reached : .notSubmitted
            case .failed:
                // A gateway that refuses gives no reference of its own.
                self = payout.map(\.gatewayReference.isEmpty) ?? true ? .notSubmitted : .failedToSettle
            case .returned:
                self = .failedToSettle
            case .canceled, .voided:
                let reached = payout?.keySentAt == nil ? GatewayState.markedForSubmission : .submitted
                self = refund.channel.isElectronic ? reached : .notSubmitted
            }
        }

        /// Whether the gateway has had it.
        var isSubmitted: Bool {
            switch self {
            case .submitted, .settled, .failedToSettle: true
            case .markedForSubmission, .notSubmitted: false
            }
        }
    }

    /// Whether people hand the money over, or a gateway does.
    enum RefundType: String, CaseIterable {
        case external = "External"
        case electronic = "Electronic"

        init(_ channel: RefundChannel) {
            switch channel {
            case .offline: self = .external
            case .electronic: self = .electronic
            }
        }

        static let words = allCases.map { ($0.rawValue, $0) }

        /// The channels that are shown by this word.
        var channels: RefundQuery.Channels {
            switch self {
            case .external: .offline
            case .electronic: .electronic
            }
        }
    }

    /// How money is handed over.
    enum MethodType: String, CaseIterable {
        case ach = "ACH"
        case cash = "Cash"
        case check = "Check"
        case creditCard = "CreditCard"
        case payPal = "PayPal"
        case wireTransfer = "WireTransfer"
        case debitCard = "DebitCard"
        case creditCardReferenceTransaction = "CreditCardReferenceTransaction"
        case bankTransfer = "BankTransfer"
        case applePay = "ApplePay"
        case other = "Other"

        init(_ mode: PaymentMode) {
            switch mode {
            case .cash: self = .cash
            case .check: self = .check
            case .creditCard: self = .creditCard
            case .debitCard: self = .debitCard
            case .bankTransfer, .bankRemittance: self = .bankTransfer
            case .wireTransfer: self = .wireTransfer
            case .ach: self = .ach
            case .others: self = .other
            case .named(let name): self = MethodType(rawValue: name) ?? .other
            }
        }

        static let words = allCases.map { ($0.rawValue, $0) }

        /// What the program calls it; what it has no word for keeps this one.
        var mode: PaymentMode {
            switch self {
            case .ach: .ach
            case .cash: .cash
            case .check: .check
            case .creditCard: .creditCard
            case .debitCard: .debitCard
            case .bankTransfer: .bankTransfer
            case .wireTransfer: .wireTransfer
            case .other: .others
            case .payPal, .creditCardReferenceTransaction, .applePay: .named(rawValue)
            }
        }
    }

    /// Whether the books elsewhere have taken a refund over; kept as it was sent.
    enum TransferState: String, CaseIterable {
        case no = "No"
        case processing = "Processing"
        case yes = "Yes"
        case error = "Error"
        case ignore = "Ignore"
    }
}

// MARK: Reasons

extension Zuora {
    /// Why money goes back.
    enum ReasonCode: Hashable {
        case standardRefund, accountClosure, customerRequest, other
        /// One that the organization has added to the four.
        case added(String)

        /// The setting of an organization that lists the reason codes it has added, parted by commas.
        static let addedSetting = "zuora.reason_codes"

        init(_ reason: RefundReason?) {
            switch reason {
            case nil: self = .standardRefund
            case .accountClosure: self = .accountClosure
            case .requestedByCustomer: self = .customerRequest
            case .other, .duplicate, .fraudulent, .system, .expiredUncapturedCharge: self = .other
            }
        }

        var text: String {
            switch self {
            case .standardRefund: "Standard Refund"
            case .accountClosure: "Account Closure"
            case .customerRequest: "Customer Request"
            case .other: "Other"
            case .added(let text): text
            }
        }

        /// What the program calls it; nil is the ordinary case.
        var reason: RefundReason? {
            switch self {
            case .standardRefund: nil
            case .accountClosure: .accountClosure
            case .customerRequest: .requestedByCustomer
            case .other, .added: .other
            }
        }

        /// Every word that an organization knows.
        static func words(with settings: OrganizationSettings) -> [(String, ReasonCode)] {
            let listed = (settings.ofDialects[addedSetting] ?? "").split(separator: ",")
            let added = listed.map { ReasonCode.added(String($0).trimmingBlanks) }
            return ([.standardRefund, .accountClosure, .customerRequest, .other] + added).map { ($0.text, $0) }
        }
    }
}

// MARK: Identifiers, amounts, moments

extension Zuora {
    /// Identifiers in their 32 lower-case hexadecimal digits: 16 of the organization, 16 of the record.
    enum RecordID {
        private static let digits = 16

        /// A generated identifier as it is shown.
        static func text<Record>(_ id: Identifier<Record>, of organization: OrganizationID) -> String {
            hexadecimal(organization.value) + hexadecimal(id.value)
        }

        /// What a caller means by a key: an identifier that came in with data, one that is shown, or a number.
        static func reference(
            _ key: String, in organization: OrganizationID, mayBeNumber: Bool = false
        ) -> RecordReference {
            RecordReference(
                dialect: dialectName, text: key, generated: generated(key, in: organization), mayBeNumber: mayBeNumber)
        }

        /// The identifier behind the 32 digits; nil for another form, and for another organization's.
        private static func generated(_ key: String, in organization: OrganizationID) -> Int64? {
            let owner = hexadecimal(organization.value)
            let record = String(key.dropFirst(digits))
            guard key.hasPrefix(owner), let value = Int64(record, radix: 16), hexadecimal(value) == record else {
                return nil
            }
            return value
        }

        private static func hexadecimal(_ value: Int64) -> String {
            let text = String(value, radix: 16)
            return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
        }
    }

    /// Amounts as JSON numbers without needless zeros: `7.1`, and `10` rather than `10.0`.
    enum Amount {
        static func text(_ money: Money) -> String {
            money.decimalText(fractionDigits: 0...money.currency.exponent)
        }

        /// An amount whose currency is not known yet.
        static func text(_ amount: DecimalAmount) -> String {
            let digits = padded(Int(amount.unscaled), amount.scale + 1)
            let point = digits.index(digits.endIndex, offsetBy: -amount.scale)
            return amount.scale == 0 ? digits : digits[..<point] + "." + digits[point...]
        }
    }
}
