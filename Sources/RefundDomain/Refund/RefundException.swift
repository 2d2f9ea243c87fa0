/// What kind of fact contradicts what is held here, or waits for an operator.
package enum ExceptionKind: String, CaseIterable, Sendable {
    /// More was given back of a payment than it captured.
    case overRefunded = "over_refunded"
    /// A charge is disputed of which money was given back, or is on its way back.
    case disputedAfterRefund = "disputed_after_refund"
    /// A gateway tells what cannot be true beside what is final here.
    case contradicted
    /// Nobody knows what became of a refund, and it is time that an operator asks.
    case outcomeUnknown = "outcome_unknown"
    /// What a gateway tells belongs to nothing that is here.
    case unmatched
    /// The answer to an attempt came after a later attempt had begun.
    case late
    /// A dispute is in another currency than its payment.
    case disputeCurrency = "dispute_currency"
    /// A gateway and the owner tell different captured amounts, or payments did that became one by their charge.
    case capturedDiffers = "captured_differs"
    /// A note and the payment behind it, or payments of one charge, are of different parties or currencies.
    case mismatchedLink = "mismatched_link"
    /// A gateway made a refund that was not asked for here.
    case outOfBand = "out_of_band"
}

/// What an exception is about: of one kind, a subject has one exception, for good.
package enum ExceptionSubject: Hashable, Sendable {
    case refund(RefundID)
    case payment(PaymentID)
    case creditNote(CreditNoteID)
    /// A gateway's event, by its own identifier.
    case event(GatewayName, String)
    /// A charge at a gateway, by its own identifier.
    case charge(GatewayName, String)

    /// As it stands in the identifier of an exception: two subjects never read alike.
    package var text: String {
        switch self {
        case .refund(let id): "refund.\(id)"
        case .payment(let id): "payment.\(id)"
        case .creditNote(let id): "credit_note.\(id)"
        case .event(let gateway, let event): "event.\(gateway).\(event)"
        case .charge(let gateway, let charge): "charge.\(gateway).\(charge)"
        }
    }
}

/// The identifier of an exception, made of its kind and its subject: the same fact, seen again, finds the same row.
package struct ExceptionID: Hashable, Sendable {
    package let text: String

    package init(text: String) {
        self.text = text
    }

    package init(_ kind: ExceptionKind, about subject: ExceptionSubject) {
        text = "\(kind.rawValue).\(subject.text)"
    }
}

/// A fact that was seen, about to be kept as an exception.
package struct NewException: Hashable, Sendable {
    package let kind: ExceptionKind
    package let subject: ExceptionSubject
    /// The records that it touches beside its subject, by which it is found.
    package var refund: RefundID?
    package var payment: PaymentID?
    package var creditNote: CreditNoteID?
    /// One word that says where it came from, such as `history`; empty where the kind says it all.
    package let cause: String
    package let detail: String
    /// What tells one sight of it from the next, such as the step of the refund: the same fact again is nothing new.
    package let fact: String
    package let at: Instant

    /// The fact is the detail, unless something beside it tells sights apart.
    package init(
        _ kind: ExceptionKind, about subject: ExceptionSubject, cause: String = "", detail: String,
        fact: String? = nil, at: Instant
    ) {
        self.kind = kind
        self.subject = subject
        self.cause = cause
        self.detail = detail
        self.fact = fact ?? detail
        self.at = at
        switch subject {
        case .refund(let id): refund = id
        case .payment(let id): payment = id
        case .creditNote(let id): creditNote = id
        case .event, .charge: break
        }
    }

    package var id: ExceptionID { ExceptionID(kind, about: subject) }

    /// The gateway that told it, and the event or charge; nil where the subject is a record of ours.
    package var origin: Charge? {
        switch subject {
        case .refund, .payment, .creditNote: nil
        case .event(let gateway, let reference), .charge(let gateway, let reference):
            Charge(gateway: gateway, reference: reference)
        }
    }
}

/// A fact that contradicts what is held here, for an operator, with a life of its own: open, resolved, open again.
package struct RefundException: Hashable, Sendable {
    /// How it stands.
    package enum State: String, CaseIterable, Sendable {
        case open, resolved
    }

    package let organization: OrganizationID
    package let id: ExceptionID
    package let kind: ExceptionKind
    package let refund: RefundID?
    package let payment: PaymentID?
    package let creditNote: CreditNoteID?
    /// The gateway that told it, and the event or charge; nil where its subject is a record of ours.
    package let origin: Charge?
    package let cause: String
    /// What was seen last.
    package let detail: String
    /// What told the last sight from others.
    package let fact: String
    /// When it was opened last.
    package let openedAt: Instant
    package let state: State
    package let resolution: Resolution?
    /// Counts the steps of its life, from 1; each change is guarded by the one that it was decided on.
    package let revision: Int64

    /// How an exception was ended.
    package struct Resolution: Hashable, Sendable {
        package let at: Instant
        /// `client:…`, `operator:…`, or `program` for what healed by itself.
        package let by: String
        package let reason: String

        package init(at: Instant, by: String, reason: String) {
            self.at = at
            self.by = by
            self.reason = reason
        }
    }

    /// By whom the program resolves what has healed.
    package static let program = "program"

    package init(
        organization: OrganizationID, id: ExceptionID, kind: ExceptionKind, refund: RefundID?, payment: PaymentID?,
        creditNote: CreditNoteID?, origin: Charge?, cause: String, detail: String, fact: String, openedAt: Instant,
        state: State, resolution: Resolution?, revision: Int64
    ) {
        self.organization = organization
        self.id = id
        self.kind = kind
        self.refund = refund
        self.payment = payment
        self.creditNote = creditNote
        self.origin = origin
        self.cause = cause
        self.detail = detail
        self.fact = fact
        self.openedAt = openedAt
        self.state = state
        self.resolution = resolution
        self.revision = revision
    }

    /// What a further sight does: nil where it is nothing new.
    ///
    /// An open one notes another fact. One that an operator has resolved is opened again by another fact alone, so that
    /// a gateway which repeats itself every day does not undo what was decided; one that healed is opened again by any.
    package func event(onSeeing fact: String) -> ExceptionStep.Event? {
        let isSame = fact == self.fact
        return switch state {
        case .open: isSame ? nil : .seen
        case .resolved: isSame && resolution?.by != Self.program ? nil : .reopened
        }
    }
}

/// One step in the life of an exception.
package struct ExceptionStep: Hashable, Sendable {
    /// What happened.
    package enum Event: String, CaseIterable, Sendable {
        case opened
        /// Another fact of the same kind about the same subject.
        case seen
        case resolved
        case reopened
    }

    package let revision: Int64
    package let event: Event
    package let at: Instant
    package let actor: String
    package let remark: String

    package init(revision: Int64, event: Event, at: Instant, actor: String, remark: String) {
        self.revision = revision
        self.event = event
        self.at = at
        self.actor = actor
        self.remark = remark
    }
}

/// Something that a client or an operator did with a refund, whether or not it brought about a step of its life.
package struct RequestedAction: Hashable, Sendable {
    /// What was asked for.
    package enum Deed: String, CaseIterable, Sendable {
        case cancel, retry, resolve
    }

    package let deed: Deed
    package let at: Instant
    /// `client:…` or `operator:…`.
    package let actor: String
    package let remark: String

    package init(_ deed: Deed, at: Instant, actor: String, remark: String) {
        self.deed = deed
        self.at = at
        self.actor = actor
        self.remark = remark
    }
}

/// Which exceptions a listing has, the newest first.
package struct ExceptionQuery: Hashable, Sendable {
    /// Where the page before ended.
    package struct Position: Hashable, Sendable {
        package let openedAt: Instant
        package let id: ExceptionID

        package init(openedAt: Instant, id: ExceptionID) {
            self.openedAt = openedAt
            self.id = id
        }
    }

    /// What it is narrowed to.
    package enum Scope: Hashable, Sendable {
        case organization
        case refund(RefundID)
        case payment(PaymentID)
    }

    package var scope = Scope.organization
    package var kinds = ExceptionKind.allCases
    package var states = RefundException.State.allCases
    package var after: Position?
    package var limit = Limits.pageRowsMax

    package init() {}
}
