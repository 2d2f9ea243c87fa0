import ArgumentParser
import AsyncHTTPClient
import Logging
import NIOCore
import NIOHTTP1
import RefundDomain
import RefundGateways
import RefundService

/// The simulated gateway as its own people see it: its desk, and the notices that it sends.
struct SimulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulator",
        abstract: "Act as the simulated gateway: make a refund at its desk, or send its notices.",
        subcommands: [MakeRefund.self, SendNotices.self])

    /// Gives a charge back without being asked by a server.
    struct MakeRefund: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "refund", abstract: "Give a charge back at the gateway's desk, as nobody here asked for.")

        @OptionGroup var data: DataOptions
        @Option(help: "The organization.") var organization: String
        @Option(help: "The charge, by the gateway's reference.") var charge: String
        @Option(help: "How much, such as 10.00.") var amount: String
        @Option(help: "The currency, such as INR.") var currency: String

        mutating func run() async throws {
            let command = self
            try await reporting {
                guard let amount = DecimalAmount(command.amount), let currency = Currency(command.currency),
                    let money = try? amount.money(in: currency), money.isPositive
                else { throw CommandFailure("\(command.amount) \(command.currency) is no amount", exitCode: 64) }
                let organization = try await Composition.atCommandLine(command.data) {
                    try await $0.organization(named: command.organization)
                }
                let gateway = try SimulatorGateway(of: command.data, secret: nil)
                let effect = try gateway.refundAtDesk(command.charge, amount: money, of: organization.id)
                print("\(effect.gatewayReference) gives back \(money) of \(command.charge)")
            }
        }
    }

    /// Sends a notice for everything that the gateway has done.
    struct SendNotices: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "notices",
            abstract: "Send a server a signed notice of everything that the gateway has done so far.")

        @OptionGroup var data: DataOptions
        @Option(help: "Where the server is, such as http://127.0.0.1:8080.") var to: String
        @Option(help: "What notices are signed with; else REFUNDRY_SIMULATOR_SECRET, else the demo's.")
        var secret: String?
        @Option(help: "Send each so many times.") var copies = 1
        @Flag(help: "Send the last first.") var reversed = false

        mutating func run() async throws {
            let command = self
            try await reporting { try await command.send() }
        }

        private func send() async throws {
            let secret = secret ?? Environment.value("REFUNDRY_SIMULATOR_SECRET") ?? Demo.noticeSecret
            let gateway = try SimulatorGateway(of: data, secret: secret)
            let notices = gateway.notices()
            var refused = 0
            for notice in reversed ? notices.reversed() : notices {
                for _ in 0..<max(0, copies) {
                    let status = try await post(notice, signature: gateway.signature(of: notice.body) ?? "")
                    print("\(status) \(String(decoding: notice.body, as: UTF8.self))")
                    if status != 200 { refused += 1 }
                }
            }
            if refused > 0 {
                throw CommandFailure("the server did not take \(refused) notices", exitCode: 69)
            }
        }

        private func post(_ notice: SimulatorNotice, signature: String) async throws -> UInt {
            var request = HTTPClientRequest(url: "\(to)/gateways/\(Composition.simulator)/notices")
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json")
            request.headers.add(name: SimulatorNotice.signatureHeader, value: signature)
            request.body = .bytes(ByteBuffer(bytes: notice.body))
            do {
                return try await HTTPClient.shared.execute(request, timeout: .seconds(10)).status.code
            } catch {
                throw CommandFailure("\(to) cannot be reached: \(error)", exitCode: 69)
            }
        }
    }
}

extension SimulatorGateway {
    /// The gateway of a database, on the machine's clock, with the book that its servers share.
    fileprivate init(of data: DataOptions, secret: String?) throws {
        let clock = Surroundings.system(logger: Logger(label: "refundry"))
        try self.init(
            SimulatorConfig(seed: 1, book: .file(path: try data.simulatorBookPath()), noticeSecret: secret),
            now: clock.now, sleep: clock.sleep)
    }
}
