import ArgumentParser

/// The program: a refund system of record, served or worked on from the command line.
@main
struct Refundry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refundry",
        abstract: "A self-hosted refund system of record.",
        version: "0.1.0",
        subcommands: [
            Serve.self, Migrate.self, Load.self, OrganizationCommand.self, ClientCommand.self, TokenCommand.self,
            RefundCommand.self, ExceptionCommand.self, Verify.self, GatewayCommand.self,
            SimulatorCommand.self, Backup.self, Restore.self, Move.self, Resume.self,
        ])
}
