import RefundDomain
import RefundStorage
import RefundTesting
import Synchronization

/// What a unit throws by its own decision.
struct Refusal: Error {}

/// What happened, in order, seen from several units.
final class Recorder<Element: Sendable>: Sendable {
    private let recorded = Mutex<[Element]>([])

    var all: [Element] { recorded.withLock { $0 } }

    func add(_ element: Element) { recorded.withLock { $0.append(element) } }
}

extension Result where Failure == any Error {
    /// What a caller heard, in a word: the value, `refused`, `canceled`, or the code of a storage error.
    var word: String {
        switch self {
        case .success(let value): "\(value)"
        case .failure(is Refusal): "refused"
        case .failure(is CancellationError): "canceled"
        case .failure(let error as StorageError): "\(error.code)"
        case .failure(let error): "\(error)"
        }
    }
}

extension Session {
    /// Leaves a mark: the smallest row there is.
    func mark(_ number: Int) throws(StorageError) {
        try insertAlias(.refund, "mark \(number)", in: .native, for: Int64(number), of: Fixtures.organization.id)
    }

    /// The marks that are there.
    func marks() throws(StorageError) -> [Int] {
        try integers(
            "select record_id from aliases where organization_id = $1 and kind = 'refund' order by record_id",
            [.integer(Fixtures.organization.id.value)]
        ).map(Int.init)
    }
}

extension Store {
    /// Runs a unit of the fixtures' organization, on a session that counts the values of each statement.
    func unit<T: Sendable>(_ body: @escaping @Sendable (any Session) throws -> T) async throws -> T {
        try await write(for: Fixtures.organization.id) { session in try body(CountedSession(session)) }
    }

    /// Reads, on a session that counts the values of each statement.
    func look<T: Sendable>(_ body: @escaping @Sendable (any Session) throws -> T) async throws -> T {
        try await read { session in try body(CountedSession(session)) }
    }

    /// What a caller hears of a unit, in a word.
    func word<T: Sendable>(of body: @escaping @Sendable (any Session) throws -> T) async -> String {
        do {
            return Result<T, any Error>.success(try await unit(body)).word
        } catch {
            return Result<T, any Error>.failure(error).word
        }
    }

    /// The marks that are committed.
    func marks() async throws -> [Int] { try await read { session in try session.marks() } }
}
