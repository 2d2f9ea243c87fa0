package import RefundService

/// A file of records that is taken over: lists of parties, payment methods, payments, credit notes and past refunds.
///
///     {"parties": […], "payment_methods": […], "payments": […], "credit_notes": […], "refunds": […]}
package enum LoadFile {
    /// The records of a file in the order in which they refer to each other.
    ///
    /// Throws `Failure.input` with every field that is wrong, by list and place: `payments[3].captured`.
    package static func read(_ bytes: [UInt8]) throws(Failure) -> RecordBatch {
        let object: JSONObject
        do throws(JSONError) {
            object = try JSONReader.parseObject(bytes)
        } catch {
            throw .input([error.problem()])
        }
        var file = FieldReader(object)
        var entries: [(place: String, entry: RecordBatch.Entry)] = []
        read("parties", of: &file, into: &entries) { PutParty(&$0, known: [:]).map { .party($0) } }
        read("payment_methods", of: &file, into: &entries) {
            PutPaymentMethod(&$0, known: [:]).map { .paymentMethod($0) }
        }
        read("payments", of: &file, into: &entries) { PutPayment(&$0, known: [:]).map { .payment($0) } }
        read("credit_notes", of: &file, into: &entries) { PutCreditNote(&$0, known: [:]).map { .creditNote($0) } }
        read("refunds", of: &file, into: &entries) { PutPastRefund(&$0, known: [:]).map { .refund($0) } }
        file.refuseUnknown(except: ["parties", "payment_methods", "payments", "credit_notes", "refunds"])
        try file.finish()
        return RecordBatch(entries: entries, updates: false)
    }

    private static func read(
        _ list: String, of file: inout FieldReader, into entries: inout [(place: String, entry: RecordBatch.Entry)],
        _ entry: (inout FieldReader) -> RecordBatch.Entry?
    ) {
        for (index, reader) in file.objects(list, maxCount: .max).enumerated() {
            var fields = reader
            if fields.value("external_ids") == nil { fields.problem("external_ids", .missing) }
            if let entry = entry(&fields) { entries.append(("\(list)[\(index)]", entry)) }
            file.take(problemsOf: fields)
        }
    }
}
