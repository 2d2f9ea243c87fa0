import Foundation

/// Stripe's own library, as a shop's programs use it, at localstripe.
package enum OfficialClient {
    /// Takes money by card, and gives the charge's identifier.
    package static func charge(_ amount: Int64, _ currency: String) async throws -> String {
        try await answer(to: "charge", "\(amount)", currency.lowercased())
    }

    /// What was given back of a charge, in the order done.
    package static func refunds(of charge: String) async throws -> [Localstripe.Refund] {
        let list = try await answer(to: "refunds", charge)
        return try JSONDecoder().decode([Localstripe.Refund].self, from: Data(list.utf8)).sorted {
            $0.created < $1.created
        }
    }

    private static func answer(to words: String...) async throws -> String {
        let address = try await Localstripe.shared.address()
        return try await PythonScript.answer(of: "official_client.py", [address] + words, to: [])
    }
}
