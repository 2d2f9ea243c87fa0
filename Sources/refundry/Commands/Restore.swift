import ArgumentParser
import RefundStorage

/// Makes a database of a backup.
struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a SQLite database of a file that `refundry backup` has made.",
        discussion: """
            There must be no database at the path yet. What was refunded after the backup is not in it, but was done \
            at the gateway: nothing is accepted or sent until `refundry resume` has compared the two.
            """)

    @OptionGroup var data: DataOptions

    @Argument(help: "The file.")
    var file: String

    mutating func run() async throws {
        let (url, file, book) = (try data.url(), file, try data.simulatorBookPath())
        try await reporting {
            let path = try url.fileToCopy()
            do {
                let copy = try SQLiteCopy(of: file, at: path)
                print(
                    """
                    \(copy.path): \(copy.bytes) bytes, schema version \(copy.schemaVersion), checked
                    No refund is accepted or sent from it until `refundry resume`.
                    A simulated gateway's book is not in it. If there was one, keep the newest book there is, as \
                    \(book) or where --simulator names it: a gateway does not forget what it did after the backup.
                    """)
            } catch {
                throw CommandFailure(error, database: file)
            }
        }
    }
}
