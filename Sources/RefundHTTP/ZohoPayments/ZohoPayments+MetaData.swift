import RefundDomain
import RefundService

extension ZohoPayments {
    /// `meta_data`: pairs of a caller's own, kept in their order and given back as they came.
    ///
    /// Neither keys nor values are ever logged: callers put into them what they should not.
    struct MetaData: Sendable {
        static let field = "meta_data"
        static let pairsMax = 5
        static let keyLengthMax = 20
        static let valueLengthMax = 500

        /// A key and its value.
        struct Pair: Sendable {
            let key: String
            let value: String
        }

        let pairs: [Pair]

        /// Reads the field of a body; a value that is a number becomes its digits as text.
        init(in fields: inout FieldReader) {
            var pairs: [Pair] = []
            for var entry in fields.objects(Self.field, maxCount: Self.pairsMax) {
                let key = entry.requiredText("key", maxLength: Self.keyLengthMax)
                let value = Self.value(of: &entry)
                if let key, pairs.contains(where: { $0.key == key }) { entry.problem("key", .duplicate) }
                if let key, let value { pairs.append(Pair(key: key, value: value)) }
                fields.take(problemsOf: entry)
            }
            self.pairs = pairs
        }

        private static func value(of entry: inout FieldReader) -> String? {
            switch entry.value("value") {
            case .number(let number) where number.text.utf8.count <= valueLengthMax: return number.text
            case .string, .number: return entry.text("value", maxLength: valueLengthMax)
            case .bool, .array, .object: entry.problem("value", .type("a text"))
            case .null, nil: entry.problem("value", .missing)
            }
            return nil
        }

        /// Reads what `annotations` wrote; annotations that another API wrote hold no pairs.
        init(annotations: String) {
            guard !annotations.isEmpty, let kept = try? JSONReader.parseObject(Array(annotations.utf8)),
                case .array(let entries) = kept[Self.field]
            else {
                pairs = []
                return
            }
            pairs = entries.compactMap { entry in
                guard case .object(let object) = entry, case .string(let key) = object["key"],
                    case .string(let value) = object["value"]
                else { return nil }
                return Pair(key: key, value: value)
            }
        }

        /// The pairs as the text that is kept with a refund; empty where there are none.
        var annotations: String {
            guard !pairs.isEmpty else { return "" }
            return String(decoding: JSONWriter.object { $0.array(Self.field) { write(into: &$0) } }, as: UTF8.self)
        }

        /// Writes the pairs as the documents show them.
        func write(into list: inout JSONElements) {
            for pair in pairs {
                list.object { entry in
                    entry.field("key", pair.key)
                    entry.field("value", pair.value)
                }
            }
        }
    }
}
