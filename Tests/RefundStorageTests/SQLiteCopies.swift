import Foundation
import RefundDomain
import RefundTesting
import Testing

@testable import RefundStorage

/// Copies of a database that is in use.
@Suite struct `A copy of a SQLite file` {
    @Test func `Holds what was committed, as one file that only its owner reads`() async throws {
        try await withTemporaryFolder { folder in
            try await withStore(at: folder.path("books.sqlite")) { store in
                try await Fixtures.put(in: store)
                let copy = try SQLiteCopy(of: folder.path("books.sqlite"), at: folder.path("copy"))
                #expect(copy.schemaVersion == Schema.current)
                #expect(try copy.bytes == folder.bytes(of: "copy").count)
                #expect(try await store.read { try $0.sending() } == .on)
                #expect(try folder.names().filter { $0.hasPrefix("copy") } == ["copy"])
                let mode = try FileManager.default.attributesOfItem(atPath: folder.path("copy"))[.posixPermissions]
                #expect(mode as? Int == 0o600)
                let original = try await store.read { try figures($0) }
                try await withStore(at: folder.path("copy")) { restored in
                    let copied = try await restored.read { try figures($0) }
                    #expect(copied == original)
                    #expect(try await restored.read { try !$0.sending().isOn }, "it may be behind the gateways")
                    #expect(try await restored.damages() == [])
                }
            }
        }
    }

    @Test func `Is made beside a transaction that another process has open, without its rows`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.path("books.sqlite")
            try await withStore(at: path) { try await Fixtures.put(in: $0) }
            let other = try OtherConnection(to: path)
            try await other.run("begin immediate; update organizations set name = 'Half-way'")
            _ = try SQLiteCopy(of: path, at: folder.path("copy"))
            try await other.run("commit")
            let names = try await withStore(at: folder.path("copy")) { store in
                try await store.read { try $0.texts("select name from organizations") }
            }
            #expect(!names.contains("Half-way"))
        }
    }

    @Test func `Can be made of an earlier version, before its schema is brought up to date`() async throws {
        try await withTemporaryFolder { folder in
            try SchemaFile.make(at: folder.path("old.sqlite"), version: 1)
            #expect(try SQLiteCopy(of: folder.path("old.sqlite"), at: folder.path("copy")).schemaVersion == 1)
            for _ in 0..<2 {
                let state = try await withStore(at: folder.path("copy")) { store in
                    try await store.read { try $0.sending() }
                }
                #expect(state == .off("the database is a copy"))
            }
            try await withStore(at: folder.path("copy")) { store in
                try await store.write(for: OrganizationID(0)) { try $0.turnSendingOn() }
            }
            let resumed = try await withStore(at: folder.path("copy")) { store in
                try await store.read { try $0.sending() }
            }
            #expect(resumed == .on, "once an operator has resumed it")
        }
    }

    @Test(arguments: ["copy", "copy-wal", "copy-shm", "copy-journal", "copy.unfinished"])
    func `Overwrites nothing, and lies beside no log of another file`(name: String) async throws {
        try await withTemporaryFolder { folder in
            try await withStore(at: folder.path("books.sqlite")) { _ in }
            try folder.write([1, 2, 3], to: name)
            #expect(throws: CopyRefusal.exists(folder.path(name))) {
                try SQLiteCopy(of: folder.path("books.sqlite"), at: folder.path("copy"))
            }
            #expect(try folder.bytes(of: name) == [1, 2, 3])
            #expect(try folder.names().filter { $0.hasPrefix("copy") } == [name])
        }
    }

    @Test func `Is refused, and not kept, where the original is damaged`() async throws {
        try await withTemporaryFolder { folder in
            let path = folder.path("books.sqlite")
            try await withStore(at: path) { try await Fixtures.put(in: $0) }
            try await OtherConnection(to: path, isHeedless: true).run("delete from parties")
            #expect(throws: CopyRefusal.self) { try SQLiteCopy(of: path, at: folder.path("copy")) }
            #expect(try !folder.names().contains { $0.hasPrefix("copy") })
        }
    }

    @Test func `Is made of a database of this program, and of no other file`() async throws {
        try await withTemporaryFolder { folder in
            #expect(throws: CopyRefusal.missing(folder.path("none"))) {
                try SQLiteCopy(of: folder.path("none"), at: folder.path("copy"))
            }
            try folder.write([], to: "empty")
            try folder.write(Array(repeating: 65, count: 10_000), to: "text")
            for name in ["empty", "text"] {
                let error = #expect(throws: StorageError.self) {
                    try SQLiteCopy(of: folder.path(name), at: folder.path("copy"))
                }
                #expect(error?.code == .corrupt)
            }
            try await withStore(at: folder.path("newer")) { _ in }
            #expect(throws: CopyRefusal.self) {
                try SQLiteCopy(of: folder.path("newer"), at: folder.path("no/such/copy"))
            }
            try await OtherConnection(to: folder.path("newer")).run("insert into schema_versions values (99)")
            let error = #expect(throws: StorageError.self) {
                try SQLiteCopy(of: folder.path("newer"), at: folder.path("copy"))
            }
            #expect(error?.code == .newerSchema)
            #expect(try !folder.names().contains { $0.hasPrefix("copy") })
        }
    }
}

private func figures(_ session: any Session) throws -> [TableFigures] {
    try MovedTable.all.map { try session.figures(of: $0) }
}
