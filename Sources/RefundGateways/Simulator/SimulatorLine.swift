import RefundDomain

/// One line of a book's file: fields parted by tabs, `-` for what is absent.
///
///     effect   organization refund key amount currency charge|method target card taken-at key-until given reference
///              succeeds-at fails-at reason
///     refusal  organization refund key amount currency charge|method target card refused-at key-until reason
///     cancel   organization refund canceled-at
///
/// Amounts are minor units, moments are microseconds since 1970. In texts a backslash stands before `t` for a tab, `n`
/// for a newline, another backslash, and a lone `-`.
enum SimulatorLine: Equatable {
    case entry(SimulatorEntry)
    case cancellation(RefundAddress, at: Instant)

    /// What is put behind a line that its writer left unfinished.
    static let tornEnding = "\ttorn"

    /// Whether a line is the beginning of one that never took effect.
    static func isTorn(_ text: String) -> Bool { text.hasSuffix(tornEnding) }
}

extension SimulatorLine {
    /// The line without its newline.
    var text: String {
        let fields: [String] =
            switch self {
            case .entry(.effect(let effect)):
                ["effect"] + Self.fields(of: effect.submission, effect.takenAt, effect.keyUntil) + [
                    String(effect.given.minorUnits), Self.escaped(effect.gatewayReference),
                    Self.field(effect.course.succeedsAt), Self.field(effect.course.failure?.at),
                    effect.course.failure?.reason.rawValue ?? "-",
                ]
            case .entry(.refusal(let refusal)):
                ["refusal"] + Self.fields(of: refusal.submission, refusal.refusedAt, refusal.keyUntil)
                    + [refusal.reason.rawValue]
            case .cancellation(let refund, let moment):
                ["cancel", "\(refund.organization)", "\(refund.refund)", Self.field(moment)]
            }
        return fields.joined(separator: "\t")
    }

    private static func fields(of submission: Submission, _ moment: Instant, _ keyUntil: Instant) -> [String] {
        let (kind, target) =
            switch submission.target {
            case .charge(let reference): ("charge", reference)
            case .method(let token): ("method", token)
            }
        return [
            "\(submission.organization)", "\(submission.refund)", escaped(submission.key),
            String(submission.amount.minorUnits), submission.amount.currency.code, kind, escaped(target),
            submission.lastFour.map(escaped) ?? "-", field(moment), field(keyUntil),
        ]
    }

    private static func field(_ moment: Instant?) -> String {
        moment.map { String($0.microseconds) } ?? "-"
    }

    private static func escaped(_ text: String) -> String {
        if text == "-" { return #"\-"# }
        guard text.utf8.contains(where: { $0 == 0x09 || $0 == 0x0a || $0 == 0x5c }) else { return text }
        return text.replacing(#"\"#, with: #"\\"#).replacing("\t", with: #"\t"#).replacing("\n", with: #"\n"#)
    }
}

extension SimulatorLine {
    /// Why a line could not be read: it is none that a book writes.
    struct Malformed: Error {}

    /// Reads a line without its newline.
    init(_ text: String) throws(Malformed) {
        var fields = Fields(text)
        switch try fields.word() {
        case "effect": self = .entry(.effect(try fields.effect()))
        case "refusal": self = .entry(.refusal(try fields.refusal()))
        case "cancel": self = .cancellation(try fields.address(), at: try fields.moment())
        default: throw Malformed()
        }
        try fields.end()
    }

    /// The fields of a line, taken from the left.
    private struct Fields {
        private var rest: ArraySlice<Substring.UTF8View>

        init(_ text: String) {
            rest = text.utf8.split(separator: 0x09, omittingEmptySubsequences: false)[...]
        }

        mutating func effect() throws(Malformed) -> SimulatorEffect {
            let submission = try submission()
            let takenAt = try moment()
            let keyUntil = try moment()
            let given = Money(minorUnits: try number(), currency: submission.amount.currency)
            let reference = try text()
            let succeedsAt = try optionalNumber().map(Instant.init(microseconds:))
            return SimulatorEffect(
                submission: submission, given: given, gatewayReference: reference, takenAt: takenAt,
                keyUntil: keyUntil, course: SimulatorCourse(succeedsAt: succeedsAt, failure: try failure()))
        }

        mutating func refusal() throws(Malformed) -> SimulatorRefusal {
            let submission = try submission()
            let refusedAt = try moment()
            let keyUntil = try moment()
            guard let reason = FailureReason(rawValue: try word()) else { throw Malformed() }
            return SimulatorRefusal(submission: submission, reason: reason, refusedAt: refusedAt, keyUntil: keyUntil)
        }

        mutating func address() throws(Malformed) -> RefundAddress {
            let organization = OrganizationID(try number())
            return RefundAddress(organization: organization, refund: RefundID(try number()))
        }

        mutating func moment() throws(Malformed) -> Instant {
            Instant(microseconds: try number())
        }

        private mutating func submission() throws(Malformed) -> Submission {
            let address = try address()
            let key = try text()
            let minorUnits = try number()
            guard let currency = Currency(try word()) else { throw Malformed() }
            let target = try target()
            return Submission(
                organization: address.organization, refund: address.refund, key: key,
                amount: Money(minorUnits: minorUnits, currency: currency), target: target,
                lastFour: try optionalText())
        }

        private mutating func target() throws(Malformed) -> Submission.Target {
            switch try word() {
            case "charge": .charge(try text())
            case "method": .method(try text())
            default: throw Malformed()
            }
        }

        private mutating func failure() throws(Malformed) -> SimulatorCourse.Failure? {
            let moment = try optionalNumber()
            let word = try word()
            guard let moment else { return nil }
            guard let reason = FailureReason(rawValue: word) else { throw Malformed() }
            return SimulatorCourse.Failure(reason: reason, at: Instant(microseconds: moment))
        }

        private mutating func number() throws(Malformed) -> Int64 {
            guard let number = Int64(try word()) else { throw Malformed() }
            return number
        }

        private mutating func optionalNumber() throws(Malformed) -> Int64? {
            if rest.first?.elementsEqual("-".utf8) == true {
                rest.removeFirst()
                return nil
            }
            return try number()
        }

        private mutating func text() throws(Malformed) -> String {
            guard let text = try optionalText() else { throw Malformed() }
            return text
        }

        private mutating func optionalText() throws(Malformed) -> String? {
            let word = try word()
            guard word.utf8.contains(0x5c) else { return word == "-" ? nil : word }
            var bytes: [UInt8] = []
            var isEscaped = false
            for byte in word.utf8 {
                if !isEscaped, byte == 0x5c {
                    isEscaped = true
                    continue
                }
                switch (isEscaped, byte) {
                case (true, UInt8(ascii: "t")): bytes.append(0x09)
                case (true, UInt8(ascii: "n")): bytes.append(0x0a)
                default: bytes.append(byte)
                }
                isEscaped = false
            }
            return String(decoding: bytes, as: UTF8.self)
        }

        mutating func word() throws(Malformed) -> String {
            guard let field = rest.popFirst() else { throw Malformed() }
            return String(Substring(field))
        }

        func end() throws(Malformed) {
            guard rest.isEmpty else { throw Malformed() }
        }
    }
}
