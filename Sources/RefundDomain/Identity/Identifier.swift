/// An identifier of one kind of record, so that a payment's cannot stand where a refund's is meant.
///
/// Generated ones are time-ordered and stay below 2^53, because some JSON clients read them as numbers.
package struct Identifier<Record>: Hashable, Comparable, Sendable {
    package let value: Int64

    package init(_ value: Int64) {
        self.value = value
    }

    package static func < (a: Self, b: Self) -> Bool { a.value < b.value }
}

extension Identifier: CustomStringConvertible {
    package var description: String { String(value) }
}

package typealias OrganizationID = Identifier<Organization>
package typealias ClientID = Identifier<Client>
package typealias PartyID = Identifier<Party>
package typealias PaymentMethodID = Identifier<PaymentMethod>
package typealias PaymentID = Identifier<Payment>
package typealias CreditNoteID = Identifier<CreditNote>
package typealias CreditNoteLineID = Identifier<CreditNoteLine>
package typealias RefundID = Identifier<Refund>

/// The kinds of record that callers know by identifiers of their own.
package enum RecordKind: String, CaseIterable, Sendable {
    case party, payment
    case paymentMethod = "payment_method"
    case creditNote = "credit_note"
    case creditNoteLine = "credit_note_line"
    case refund, exception
}

/// The name under which one API of the program keeps its identifiers, such as the folder of the dialect in lower case.
package struct DialectName: Hashable, Sendable {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    /// The program's own API: identifiers that come in through it are known by this name.
    package static let native = DialectName("native")
}
