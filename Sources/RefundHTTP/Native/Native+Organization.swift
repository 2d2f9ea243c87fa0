import HTTPTypes
import RefundDomain
import RefundService

// The caller's organization: what dialects know it by, and its settings.

extension Native {
    @Sendable func showOrganization(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        try await answer(await operations.organization(caller.organization), with: written)
    }

    @Sendable func putOrganization(_ call: Call, _ caller: Caller) async throws(Failure) -> Reply {
        var organization = try await operations.organization(caller.organization)
        var fields = FieldReader(try call.jsonObject())
        organization.update(from: &fields)
        try fields.finish()
        return try await answer(await operations.putOrganization(organization), with: written)
    }

    private func written(_ organization: Organization) -> Reply {
        .json(.ok) { body in
            body.field("id", organization.id.description)
            body.field("name", organization.name)
            body.field("base_currency", organization.baseCurrency.code)
            body.field("time_zone", organization.timeZone)
            body.object("tenants") { tenants in
                for (dialect, names) in organization.tenants.sorted(by: { $0.key.text < $1.key.text }) {
                    tenants.array(dialect.text) { list in for name in names { list.append(name) } }
                }
            }
            body.object("settings") { settings in
                for (name, value) in organization.settings.stored.sorted(by: { $0.key < $1.key }) {
                    settings.field(name, value)
                }
            }
        }
    }
}

extension Organization {
    /// Takes over a new name, further tenants and changed settings.
    fileprivate mutating func update(from fields: inout FieldReader) {
        name = fields.text("name", maxLength: Limits.nameLengthMax) ?? name
        if var nested = fields.object("settings") {
            for setting in nested.names {
                guard let value = nested.text(setting, maxLength: Limits.nameLengthMax) else { continue }
                if settings.set(setting, to: value) { continue }
                nested.problem(setting, .value("a setting and a value it takes"))
            }
            fields.take(problemsOf: nested)
        }
        if var nested = fields.object("tenants") {
            for dialect in nested.names {
                for entry in nested.array(dialect, maxCount: 100) ?? [] {
                    guard case .string(let tenant) = entry, !tenant.isEmpty else {
                        nested.problem(dialect, .type("a list of texts"))
                        continue
                    }
                    tenants[DialectName(dialect), default: []].append(tenant)
                }
            }
            fields.take(problemsOf: nested)
        }
        fields.refuseUnknown(except: ["name", "settings", "tenants"])
    }
}
