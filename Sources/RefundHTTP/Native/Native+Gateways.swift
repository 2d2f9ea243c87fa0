import HTTPTypes
import RefundDomain
import RefundService

// The organization's accounts at payment gateways.

extension Native {
    /// Every account; of a secret it shows only that it is there, as null.
    @Sendable func listGateways(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        try await answer(await operations.listGateways(of: caller.organization)) { accounts in
            .json(.ok) { body in
                body.array("gateways") { list in
                    for account in accounts { list.object { write(account, into: &$0) } }
                }
            }
        }
    }

    @Sendable func putGateway(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        var fields = FieldReader(try call.jsonObject())
        let change = GatewayChange(name: GatewayName(call.parameter("name")), from: &fields)
        try fields.finish()
        return try await answer(await operations.putGateway(change, of: caller.organization)) { account in
            .json(.ok) { write(account, into: &$0) }
        }
    }

    @Sendable func testGateway(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        let name = GatewayName(call.parameter("name"))
        return try await answer(await operations.testGateway(name, of: caller.organization)) { word in
            .json(.ok) { $0.field("answer", word) }
        }
    }

    private func write(_ account: GatewayAccount, into body: inout JSONFields) {
        body.field("name", account.instance.name.text)
        body.field("kind", account.instance.kind)
        body.field("active", account.instance.isActive)
        body.field("notice_path", account.noticePath)
        body.object("settings") { settings in
            for (name, value) in account.settings { settings.field(name, value) }
        }
    }
}

extension GatewayChange {
    fileprivate init(name: GatewayName, from fields: inout FieldReader) {
        var settings: [String: String?] = [:]
        if var nested = fields.object("settings") {
            for setting in nested.names {
                let value = nested.text(setting, maxLength: Limits.gatewaySettingLengthMax)
                settings.updateValue(value?.isEmpty == true ? nil : value, forKey: setting)
            }
            fields.take(problemsOf: nested)
        }
        self.init(
            name: name, kind: fields.text("kind", maxLength: Limits.gatewayNameLengthMax),
            isActive: fields.bool("active"), settings: settings)
        fields.refuseUnknown(except: ["kind", "active", "settings"])
    }
}
