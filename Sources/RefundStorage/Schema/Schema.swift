/// The schema, version by version, in PostgreSQL words.
///
/// Rules of the schema, kept by tests: every primary key, unique constraint and foreign key starts with
/// `organization_id`, so that tables can be distributed by organization; times are microseconds, days are days since
/// 1970, money is minor units; states and names are checked text; money rules stand here as CHECKs too.
package enum Schema {
    /// Each version's statements, the first version first.
    ///
    /// A landed version is never edited.
    package static let versions: [[String]] = [
        version1, version2, version3, version4, version5, version6, version7, version8,
    ]

    /// The version that this program reads and writes.
    package static var current: Int { versions.count }
}
