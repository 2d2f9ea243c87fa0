import ArgumentParser
import RefundDomain
import RefundService

/// Lets refunds be accepted and sent again.
struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare a restored, moved or copied database with its gateways, and let refunds be sent again.",
        discussion: """
            Every account is asked for the refunds of what it charged; those that are not here are recorded as if the \
            account had told of them. Where an account cannot list its charges, or its secrets do not open, sending \
            stays off: compare it by hand, and name it with --skip. Offline refunds that are not in the data have to \
            be recorded by hand first.
            """)

    @OptionGroup var data: DataOptions

    @Option(
        help: "The day from which charges are looked at, yyyy-mm-dd; by default 180 days before the last refund here.")
    var since: String?

    @Option(help: "An account that was compared by hand; may be given several times.")
    var skip: [String] = []

    mutating func run() async throws {
        let day = since.flatMap(LocalDate.init)
        guard since == nil || day != nil else { throw ValidationError("--since is a day, as yyyy-mm-dd") }
        let moment = day.map { Instant(seconds: Int64($0.daysSinceEpoch) * 86_400) }
        let (data, skipped) = (data, Set(skip.map(GatewayName.init)))
        try await reporting {
            let compared = try await Composition.atCommandLine(data) { operations in
                try await operations.resumeSending(since: moment, skipping: skipped, with: NoticeWorker(operations))
            }
            for found in compared {
                print(
                    "organization \(found.organization), \(found.gateway): "
                        + "\(found.unknownRefunds) refunds that were not here")
            }
            print("Sending is on. `refundry verify` lists what was recorded beside what was asked for here.")
        }
    }
}
