/// Whether refunds are accepted and sent.
///
/// A database that was restored, moved or copied may lack what was done at the gateways since: it starts with sending
/// off, until an operator has compared the two.
package enum SendingState: Hashable, Sendable {
    case on
    /// Says why, in words.
    case off(String)

    package var isOn: Bool {
        switch self {
        case .on: true
        case .off: false
        }
    }
}
