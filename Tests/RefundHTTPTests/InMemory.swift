import Logging
import RefundDomain
import RefundGateways
import RefundService
import RefundStorage
import RefundTesting

@testable import refundry

/// Runs a test over operations with two organizations, the first with settings of dialects, and nothing else.
func withOperations(
    settings: [String: String] = [:], _ body: (Operations) async throws -> Void
) async throws {
    let store = try SQLiteStore(path: nil)
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let composition = try Composition(
        store, simulator: SimulatorConfig(seed: 1),
        surroundings: .init(
            now: { DemoServer.now }, sleep: { _ in try await Task.sleep(for: .seconds(86_400)) }, logger: logger))
    for (id, settings) in [(OrganizationID(1), settings), (OrganizationID(2), [:])] {
        _ = try await composition.operations.putOrganization(
            Organization(
                id: id, name: "Tenant \(id)", baseCurrency: Fixtures.rupee, timeZone: "UTC",
                settings: OrganizationSettings(ofDialects: settings)))
    }
    try await body(composition.operations)
    await store.close()
}
