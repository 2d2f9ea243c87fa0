import Foundation
import GRDB
import RefundDomain
import RefundTesting
import Testing

@testable import RefundStorage

/// What holds of the embedded engine's file alone.
@Suite struct `A SQLite file` {
    private static let name = "refundry.sqlite"

    @Test func `A commit is forced to the disk, keys are kept, and temporary tables stay in memory`() async throws {
        try await withStore(.sqliteFile) { store in
            let read = try await store.unit { session in
                (
                    synchronous: try session.integers("pragma synchronous"),
                    mode: try session.texts("pragma journal_mode"),
                    keys: try session.integers("pragma foreign_keys"),
                    temporary: try session.integers("pragma temp_store"),
                    checkpoint: try session.integers("pragma wal_autocheckpoint")
                )
            }
            #expect(read.synchronous == [2])
            #expect(read.mode == ["wal"])
            #expect(read.keys == [1])
            #expect(read.temporary == [2])
            #expect(read.checkpoint == [4_000])
        }
    }

    @Test func `What was written is there when the file is opened again`() async throws {
        try await withTemporaryFolder { folder in
            for round in 0..<3 {
                try await withStore(at: folder.path(Self.name)) { store in
                    if round == 0 { try await Fixtures.put(in: store) }
                    let before = try await store.marks()
                    #expect(before == Array(0..<round))
                    try await store.unit { session in try session.mark(round) }
                }
            }
        }
    }

    @Test func `A closed store leaves all that it holds in its file`() async throws {
        try await withTemporaryFolder { folder in
            try await withStore(at: folder.path(Self.name)) { store in
                try await Fixtures.put(in: store)
                _ = try await store.marks()
            }
            #expect(try folder.names().first == Self.name)
            let log = try? folder.bytes(of: Self.name + "-wal")
            #expect(log?.isEmpty ?? true, "what was in the log is in the file")
        }
    }

    @Test func `What was answered is in the file and its log, whenever the power goes`() async throws {
        try await withTemporaryFolder { folder in
            try await withStore(at: folder.path(Self.name)) { store in
                try await Fixtures.put(in: store)
                for number in 0..<20 {
                    try await store.unit { session in try session.mark(number) }
                    for ending in ["", "-wal"] {
                        try folder.write(try folder.bytes(of: Self.name + ending), to: "copy-\(number)" + ending)
                    }
                }
            }
            for number in 0..<20 {
                try await withStore(at: folder.path("copy-\(number)")) { store in
                    let marks = try await store.marks()
                    #expect(marks == Array(0...number))
                }
            }
        }
    }

    @Test func `A unit that was cut short is not there when the file is opened again`() async throws {
        try await withTemporaryFolder { folder in
            try await withStore(at: folder.path(Self.name)) { store in
                try await Fixtures.put(in: store)
                try await store.unit { session in try session.mark(0) }
                try await store.unit { session in
                    try session.mark(1)
                    for ending in ["", "-wal"] {
                        try folder.write(try folder.bytes(of: Self.name + ending), to: "copy" + ending)
                    }
                }
            }
            try await withStore(at: folder.path("copy")) { store in
                let marks = try await store.marks()
                #expect(marks == [0])
            }
        }
    }

    @Test func `A file of a later version is refused, and left as it is`() async throws {
        try await withTemporaryFolder { folder in
            try await withStore(at: folder.path(Self.name)) { store in
                try await store.unit { session in
                    try session.run("insert into schema_versions (version) values (\(Schema.current + 1))")
                }
            }
            let before = try folder.bytes(of: Self.name)
            for migrating in [true, false] {
                #expect(opening(folder.path(Self.name), migrating: migrating) == .newerSchema)
                #expect(try folder.bytes(of: Self.name) == before)
            }
        }
    }

    @Test func `Another program's database is refused, and left as it is`() async throws {
        try await withTemporaryFolder { folder in
            try await OtherConnection(to: folder.path(Self.name)).run("create table recipes (name text)")
            let before = try folder.bytes(of: Self.name)
            for migrating in [true, false] {
                #expect(opening(folder.path(Self.name), migrating: migrating) == .corrupt)
                #expect(try folder.bytes(of: Self.name) == before)
            }
        }
    }

    @Test func `A file of an earlier version is refused where it may not be migrated`() async throws {
        try await withTemporaryFolder { folder in
            for version in 0..<Schema.current {
                let path = folder.path("version-\(version).sqlite")
                try SchemaFile.make(at: path, version: version)
                #expect(opening(path, migrating: false) == .unavailable)
                #expect(opening(path, migrating: true) == nil)
                #expect(opening(path, migrating: false) == nil)
            }
        }
    }

    @Test func `A file that is no database is corrupt`() async throws {
        try await withTemporaryFolder { folder in
            var generator = SeededGenerator(seed: 1)
            for (index, length) in [100, 4_096, 100_000].enumerated() {
                try folder.write((0..<length).map { _ in UInt8.random(in: 1...255, using: &generator) }, to: "\(index)")
                #expect(opening(folder.path("\(index)")) == .corrupt, "\(length) bytes")
            }
        }
    }

    @Test func `A file whose pages were overwritten is corrupt when they are read`() async throws {
        try await withTemporaryFolder { folder in
            try await withStore(at: folder.path(Self.name)) { store in try await Fixtures.put(in: store) }
            try OtherConnection.foldLog(of: folder.path(Self.name))
            var bytes = try folder.bytes(of: Self.name)
            let pageSize = 4_096
            try #require(bytes.count > 10 * pageSize)
            // The first page holds the header and the schema's first rows.
            for index in pageSize * 2..<bytes.count { bytes[index] = 0xA5 }
            try folder.write(bytes, to: Self.name)
            do {
                try await withStore(at: folder.path(Self.name)) { store in
                    _ = try await store.look { try $0.payment(Fixtures.cashPayment.id, of: Fixtures.organization.id) }
                }
                Issue.record("a payment was read from overwritten pages")
            } catch let error as StorageError {
                #expect(error.code == .corrupt)
            }
        }
    }

    @Test func `Pages that were overwritten are found without reading a row`() async throws {
        try await withTemporaryFolder { folder in
            try await withStore(at: folder.path(Self.name)) { store in
                try await Fixtures.put(in: store)
                let damages = try await store.damages()
                #expect(damages == [])
            }
            var bytes = try folder.bytes(of: Self.name)
            // The schema is on the first pages and the statistics are on the last: without them nothing opens.
            let page = bytes.count / 2 / 4_096 * 4_096
            for index in page..<page + 4_096 { bytes[index] = 0xA5 }
            try folder.write(bytes, to: Self.name)
            try await withStore(at: folder.path(Self.name)) { store in
                let damages = try await store.damages()
                #expect(!damages.isEmpty)
            }
        }
    }

    @Test func `A path that leads nowhere is unavailable`() async throws {
        try await withTemporaryFolder { folder in
            #expect(opening(folder.path("no such folder/refundry.sqlite")) == .unavailable)
            #expect(opening(folder.path("")) == .unavailable)
        }
    }

    @Test(.enabled(if: geteuid() != 0, "Nothing is read-only to root."))
    func `A file that may not be written is read-only`() async throws {
        try await withTemporaryFolder { folder in
            try await withStore(at: folder.path(Self.name)) { store in try await Fixtures.put(in: store) }
            try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: folder.path(Self.name))
            #expect(opening(folder.path(Self.name)) == .readOnly)
        }
    }

    @Test func `While another connection holds the file units are told that it is busy`() async throws {
        try await withTemporaryFolder { folder in
            try await withStore(at: folder.path(Self.name)) { store in
                try await Fixtures.put(in: store)
                // A test need not wait as long as a program.
                #expect(try await store.unit { try $0.integers("pragma busy_timeout = 1") } == [1])
                let other = try OtherConnection(to: folder.path(Self.name))
                try await other.run("begin immediate")
                let callers = (0..<3).map { number in queue(store) { session in try session.mark(number) } }
                for caller in callers { #expect(await caller.result.word == "busy") }
                #expect(try await store.marks() == [], "reads go on")
                try await other.run("rollback")
                #expect(await store.word { try $0.mark(3) } == "()")
                #expect(try await store.marks() == [3])
            }
        }
    }

    @Test func `Two stores over one file take turns`() async throws {
        try await withTemporaryFolder { folder in
            try await withStore(at: folder.path(Self.name)) { one in
                try await Fixtures.put(in: one)
                try await withStore(at: folder.path(Self.name)) { two in
                    let callers = (0..<40).flatMap { number in
                        [(one, number * 2), (two, number * 2 + 1)].map { store, number in
                            queue(store) { session in try session.mark(number) }
                        }
                    }
                    for caller in callers { #expect(await caller.result.word == "()") }
                    let marks = try await one.marks()
                    #expect(marks == Array(0..<80))
                }
            }
        }
    }

    @Test func `A closed store is unavailable`() async throws {
        try await withTemporaryFolder { folder in
            let store = try SQLiteStore(path: folder.path(Self.name))
            try await Fixtures.put(in: store)
            await store.close()
            #expect(await store.word { try $0.mark(1) } == "unavailable")
            do {
                _ = try await store.marks()
                Issue.record("a closed store was read")
            } catch let error as StorageError {
                #expect(error.code == .unavailable)
            }
        }
    }

    /// Why a store does not open; nil where it does.
    private func opening(_ path: String, migrating: Bool = true) -> StorageError.Code? {
        do throws(StorageError) {
            let store = try SQLiteStore(path: path, migrating: migrating)
            Task { await store.close() }
            return nil
        } catch {
            return error.code
        }
    }
}
