package import RefundStorage

/// A database engine that the contract of a store is held against.
package enum Engine: String, CaseIterable, Sendable {
    case sqliteInMemory
    case sqliteFile
    case postgres

    /// The engines that understand SQLite's pragmas.
    package static let sqlite: [Engine] = [.sqliteInMemory, .sqliteFile]
}

extension Engine: CustomStringConvertible {
    package var description: String {
        switch self {
        case .sqliteInMemory: "SQLite in memory"
        case .sqliteFile: "SQLite in a file"
        case .postgres: "PostgreSQL"
        }
    }
}

/// Lends a fresh, empty store of an engine; it is closed and what it wrote removed however the body ends.
package func withStore<T>(_ engine: Engine, _ body: (any Store) async throws -> T) async throws -> T {
    switch engine {
    case .sqliteInMemory:
        try await inPlaceOfSQLite { try await lending(try SQLiteStore(path: nil), to: body) }
    case .sqliteFile:
        try await inPlaceOfSQLite {
            try await withTemporaryFolder { folder in
                try await withStore(at: folder.path("refundry.sqlite"), body)
            }
        }
    case .postgres:
        try await withPostgresSchema { connectionString in
            try await lending(try PostgresStore(connectionString), to: body)
        }
    }
}

/// Lends a store of an engine that holds the fixtures.
package func withFixtures<T>(_ engine: Engine, _ body: (any Store) async throws -> T) async throws -> T {
    try await withStore(engine) { store in
        try await Fixtures.put(in: store)
        return try await body(store)
    }
}

/// Lends a store over the SQLite file at a path, which stays; the store is closed however the body ends.
package func withStore<T>(at path: String, _ body: (any Store) async throws -> T) async throws -> T {
    try await lending(try SQLiteStore(path: path), to: body)
}

extension Result where Failure == any Error {
    /// What an asynchronous body comes to.
    init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}

private func inPlaceOfSQLite<T>(_ body: () async throws -> T) async throws -> T {
    await Places.ofSQLite.take()
    let outcome = await Result { try await body() }
    await Places.ofSQLite.giveBack()
    return try outcome.get()
}

private func lending<T>(_ store: any Store, to body: (any Store) async throws -> T) async throws -> T {
    try await closing(store) { try await body(store) }
}

/// Runs a body, and then closes a store, however the body ends.
package func closing<T>(_ store: any Store, after body: () async throws -> T) async throws -> T {
    let outcome = await Result { try await body() }
    await store.close()
    return try outcome.get()
}
