import RefundDomain

extension Zuora {
    /// What only this dialect understands of a refund: kept with it, as it was sent, and returned on every reading.
    ///
    /// It is stored as the text `{"zuora":{…}}`, so that the annotations of another dialect are never taken for ours.
    struct Annotations {
        static let connectorFields = [
            "IntegrationId__NS", "IntegrationStatus__NS", "Origin__NS", "SyncDate__NS", "SynctoNetSuite__NS",
        ]

        /// Custom rates are kept for whoever asks the store, and never returned.
        private static let keptFields =
            ["secondRefundReferenceId", "softDescriptor", "softDescriptorPhone", "customRates", "financeInformation"]
            + connectorFields

        private static let owner = "zuora"
        private static let reasonCodeField = "reasonCode"

        private let fields: JSONObject

        /// Takes from the body of a request what is to be kept, and a reason code that the organization added.
        init(of body: JSONObject, reason: ReasonCode) {
            var kept = body.fields.filter { field in
                Self.isCustom(field.name) || Self.keptFields.contains(field.name) && field.value != .null
            }
            if case .added(let text) = reason {
                kept.append(JSONObject.Field(Self.reasonCodeField, .string(text)))
            }
            fields = JSONObject(kept) ?? .empty
        }

        /// Reads what was kept with a refund; nothing for a refund of another dialect.
        init(keptWith refund: Refund) {
            let text = Array(refund.annotations.utf8)
            guard !text.isEmpty, let kept = try? JSONReader.parseObject(text), case .object(let own) = kept[Self.owner]
            else {
                fields = .empty
                return
            }
            fields = own
        }

        /// What is stored; empty where there is nothing to keep.
        var stored: String {
            guard !fields.fields.isEmpty else { return "" }
            return String(decoding: JSONWriter.object { $0.field(Self.owner, .object(fields)) }, as: UTF8.self)
        }

        /// Whether a name is one of a custom field, of which every organization has its own.
        static func isCustom(_ name: String) -> Bool { name.utf8.count > 3 && name.hasSuffix("__c") }

        /// A text that was kept; nil for an empty one.
        func text(_ name: String) -> String? { Self.text(fields[name]) }

        /// The reason code that was sent, where the organization added it.
        var reasonCode: String? { text(Self.reasonCodeField) }

        /// An entry of the finance information that was sent.
        func finance(_ name: String) -> String? {
            guard case .object(let finance) = fields["financeInformation"] else { return nil }
            return Self.text(finance[name])
        }

        /// The fields of the connector and the custom ones, which stand in a refund only where they were set.
        var extraFields: [JSONObject.Field] {
            fields.fields.filter { Self.isCustom($0.name) || Self.connectorFields.contains($0.name) }
        }

        private static func text(_ value: JSONValue?) -> String? {
            guard case .string(let text) = value, !text.isEmpty else { return nil }
            return text
        }
    }
}
