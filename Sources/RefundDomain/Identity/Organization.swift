/// One legal entity: a base currency, a time zone, and a set of books of its own.
package struct Organization: Hashable, Sendable {
    package let id: OrganizationID
    package var name: String
    package var baseCurrency: Currency
    /// A name of the IANA time zone database, such as `Asia/Kolkata`.
    package var timeZone: String
    /// The identifiers under which each dialect knows this organization.
    package var tenants: [DialectName: [String]]
    package var settings: OrganizationSettings

    package init(
        id: OrganizationID, name: String, baseCurrency: Currency, timeZone: String,
        tenants: [DialectName: [String]] = [:], settings: OrganizationSettings = OrganizationSettings()
    ) {
        self.id = id
        self.name = name
        self.baseCurrency = baseCurrency
        self.timeZone = timeZone
        self.tenants = tenants
        self.settings = settings
    }

    /// Whether a dialect knows this organization by an identifier.
    package func isKnown(as tenant: String, to dialect: DialectName) -> Bool {
        tenants[dialect]?.contains(tenant) ?? false
    }
}

/// What an organization has chosen, each with a default; a dialect's own choices are kept by name for it to read.
package struct OrganizationSettings: Hashable, Sendable {
    /// How many days after it was taken a payment may still be refunded; nil for ever.
    package var refundWindowDays: Int?
    /// The least that may be refunded at once, in minor units of any currency.
    package var refundMinimumMinorUnits: Int64
    package var duplicateHold: DuplicateHold
    /// For how long after an electronic refund was accepted an equal request without a key is refused as well.
    package var duplicateWindowSeconds: Int
    /// The same for refunds without a gateway; with 0 their duplicates are never held.
    package var duplicateWindowOfflineSeconds: Int
    /// The gateway of electronic refunds that name none, and whose source names none.
    package var defaultGateway: GatewayName?
    /// Choices that only one dialect understands, by `dialect.name`.
    package var ofDialects: [String: String]

    package init(
        refundWindowDays: Int? = nil, refundMinimumMinorUnits: Int64 = 1, duplicateHold: DuplicateHold = .unresolved,
        duplicateWindowSeconds: Int = 0, duplicateWindowOfflineSeconds: Int = 0, defaultGateway: GatewayName? = nil,
        ofDialects: [String: String] = [:]
    ) {
        self.refundWindowDays = refundWindowDays
        self.refundMinimumMinorUnits = refundMinimumMinorUnits
        self.duplicateHold = duplicateHold
        self.duplicateWindowSeconds = duplicateWindowSeconds
        self.duplicateWindowOfflineSeconds = duplicateWindowOfflineSeconds
        self.defaultGateway = defaultGateway
        self.ofDialects = ofDialects
    }
}

/// While an equal earlier request is in which states a repeated one without a key is refused.
package enum DuplicateHold: String, CaseIterable, Sendable {
    /// While nobody knows what became of the first.
    case unknown
    /// Until the gateway has taken the first, or it has ended otherwise.
    case unresolved
    case off
}

extension DuplicateHold {
    /// Whether a refund in a state holds an equal request back.
    package func holds(_ state: RefundState) -> Bool {
        switch self {
        case .off: false
        case .unknown: state == .unknown
        case .unresolved:
            switch state {
            case .requested, .awaitingApproval, .approved, .submitting, .unknown: true
            case .pending, .succeeded, .failed, .canceled, .voided, .returned: false
            }
        }
    }
}

extension OrganizationSettings {
    /// The settings by name, as text; a name with a point belongs to a dialect.
    package var stored: [String: String] {
        var stored = ofDialects
        stored["refund_window_days"] = refundWindowDays.map { String($0) } ?? "none"
        stored["refund_minimum_minor_units"] = String(refundMinimumMinorUnits)
        stored["duplicate_hold"] = duplicateHold.rawValue
        stored["duplicate_window"] = String(duplicateWindowSeconds)
        stored["duplicate_window_offline"] = String(duplicateWindowOfflineSeconds)
        stored["default_gateway"] = defaultGateway?.text ?? "none"
        return stored
    }

    /// Reads settings by name; nil where a name is unknown or its text has not the right form.
    package init?(stored: [String: String]) {
        self.init()
        for (name, text) in stored {
            guard set(name, to: text) else { return nil }
        }
    }

    /// Sets one setting from its text; false, and nothing changed, where the name or the text is not understood.
    package mutating func set(_ name: String, to text: String) -> Bool {
        if let setter = Self.setters[name] { return setter(&self, text) }
        guard name.utf8.contains(UInt8(ascii: ".")) else { return false }
        ofDialects[name] = text
        return true
    }

    private static let setters: [String: @Sendable (inout OrganizationSettings, String) -> Bool] = [
        "refund_window_days": { settings, text in
            let days = Int(text)
            guard text == "none" || (0...Limits.refundWindowDaysMax).contains(days ?? -1) else { return false }
            settings.refundWindowDays = days
            return true
        },
        "refund_minimum_minor_units": { settings, text in
            guard let minimum = Int64(text), minimum >= 1 else { return false }
            settings.refundMinimumMinorUnits = minimum
            return true
        },
        "duplicate_hold": { settings, text in
            guard let hold = DuplicateHold(rawValue: text) else { return false }
            settings.duplicateHold = hold
            return true
        },
        "duplicate_window": { settings, text in
            guard let seconds = window(text) else { return false }
            settings.duplicateWindowSeconds = seconds
            return true
        },
        "duplicate_window_offline": { settings, text in
            guard let seconds = window(text) else { return false }
            settings.duplicateWindowOfflineSeconds = seconds
            return true
        },
        "default_gateway": { settings, text in
            settings.defaultGateway = text == "none" ? nil : GatewayName(text)
            return true
        },
    ]
    private static func window(_ text: String) -> Int? {
        Int(text).flatMap { (0...Limits.duplicateWindowSecondsMax).contains($0) ? $0 : nil }
    }
}
