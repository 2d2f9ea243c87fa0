package import RefundDomain

enum AliasSQL {
    static let find: SQLText = """
        select record_id from aliases where organization_id = $1 and kind = $2 and dialect = $3 and external_id = $4
        """

    static let insert: SQLText = """
        insert into aliases (organization_id, kind, dialect, external_id, record_id) values ($1, $2, $3, $4, $5)
        """

    static let ofRecord: SQLText = """
        select record_id, external_id from aliases where organization_id = $1 and record_id = $2 and dialect = $3 \
        order by external_id limit 1
        """

    static let all = [find, insert, ofRecord]
}

/// An integer of a row by itself.
package struct StoredInteger: Stored {
    package let value: Int64

    package init(row: inout RowReader) throws(StorageError) { value = row.integer() }

    /// One that is known without a row.
    package init(value: Int64) { self.value = value }
}

struct StoredAlias: Stored {
    let record: Int64
    let externalID: String

    init(row: inout RowReader) throws(StorageError) {
        record = row.integer()
        externalID = row.text()
    }
}

extension Session {
    /// The record that a dialect knows by an identifier that came in with data.
    package func record(
        _ kind: RecordKind, knownAs externalID: String, to dialect: DialectName, of organization: OrganizationID
    ) throws(StorageError) -> Int64? {
        try row(
            StoredInteger.self, AliasSQL.find,
            [.integer(organization.value), .text(kind.rawValue), .text(dialect.text), .text(externalID)])?.value
    }

    /// The record that a caller means: an alias first, else the generated identifier that the text is a form of.
    ///
    /// The record may not exist: a generated form is only read, not looked up.
    package func record(
        _ kind: RecordKind, _ reference: RecordReference, of organization: OrganizationID
    ) throws(StorageError) -> Int64? {
        try record(kind, knownAs: reference.text, to: reference.dialect, of: organization) ?? reference.generated
    }

    /// Keeps an identifier that a record came in with.
    package func insertAlias(
        _ kind: RecordKind, _ externalID: String, in dialect: DialectName, for record: Int64,
        of organization: OrganizationID
    ) throws(StorageError) {
        try execute(
            AliasSQL.insert,
            [
                .integer(organization.value), .text(kind.rawValue), .text(dialect.text), .text(externalID),
                .integer(record),
            ])
    }

    /// The identifiers under which a dialect shows records; those it generated itself are not among them.
    package func externalIDs(
        of records: [Int64], in dialect: DialectName, of organization: OrganizationID
    ) throws(StorageError) -> [Int64: String] {
        var found: [Int64: String] = [:]
        for record in records {
            let alias = try row(
                StoredAlias.self, AliasSQL.ofRecord,
                [.integer(organization.value), .integer(record), .text(dialect.text)])
            found[record] = alias?.externalID
        }
        return found
    }
}
