import Testing

/// What the golden exchanges rest on: a placeholder that means nothing fails the exchange that has it.
@Suite struct `Placeholders of exchanges` {
    private static let answers: Placeholders = {
        var placeholders = Placeholders()
        placeholders.add(answer: Array(#"{"refunds":[{"id":"7","amount":1.50},{"id":"8","amount":null}]}"#.utf8))
        return placeholders
    }()

    @Test(arguments: [
        ("/refunds/{{1.refunds.1.id}}?of={{1.refunds.0.id}}", "/refunds/8?of=7"),
        ("{{1.refunds.0.amount}}", "1.50"), ("a{{long:3}}b", "axxxb"), ("{{", "{{"),
        (#"{"a":{"b":{}}}"#, #"{"a":{"b":{}}}"#),
    ])
    func `are written out`(_ text: String, _ filled: String) throws {
        #expect(try Self.answers.filled(text) == filled)
    }

    @Test(arguments: [
        "{{2.id}}", "{{0.id}}", "{{1.id}}", "{{1.refunds.2.id}}", "{{1.refunds}}", "{{1.refunds.1.amount}}",
    ])
    func `that mean nothing are an error`(_ text: String) {
        #expect(throws: Exchange.Malformed.self) { try Self.answers.filled(text) }
    }
}
