import Foundation
import GRDB

/// A whole copy of a SQLite file, made and checked while a server may write to the original.
///
/// It is SQLite's online backup in one step: one snapshot of file and log, read as any reader reads, so that the server
/// goes on writing. In several steps it would begin anew whenever another process has written, and might never end.
/// `vacuum into` would do as well beside a server; but it writes every table and index anew, in several times the time,
/// and page for page is what a copy is asked to be.
package struct SQLiteCopy: Hashable, Sendable {
    package let path: String
    package let bytes: Int64
    package let schemaVersion: Int

    /// Copies a database to a path where there is none: one file, without a log beside it, on disk.
    ///
    /// It has another name until it is whole and checked, so that what has the path's name can be relied on. Throws
    /// `CopyRefusal`, or `StorageError` (`newerSchema`, `corrupt` for a file that is no database of this program).
    package init(of source: String, at path: String) throws {
        let files = FileManager.default
        guard files.fileExists(atPath: source) else { throw CopyRefusal.missing(source) }
        try Self.refuseToOverwrite(path)
        let unfinished = path + ".unfinished"
        do {
            try SQLiteMigrator.check(fileAt: source)
            try Self.reserve(unfinished)
            do {
                schemaVersion = try Self.fill(unfinished, from: source)
                try Self.refuseToOverwrite(path)
                try files.moveItem(atPath: unfinished, toPath: path)
            } catch {
                for name in Self.names(of: unfinished) { try? files.removeItem(atPath: name) }
                throw error
            }
            try Self.synchronize(URL(filePath: path).deletingLastPathComponent().path)
        } catch let error as DatabaseError where error.resultCode == .SQLITE_FULL {
            throw CopyRefusal.unwritable(path, "the disk is full")
        } catch let error as DatabaseError {
            throw StorageError(error, while: "copying \(source)")
        }
        self.path = path
        bytes = (try files.attributesOfItem(atPath: path)[.size] as? Int64) ?? 0
    }

    /// A log that was left behind would be played into the new file.
    private static func refuseToOverwrite(_ path: String) throws(CopyRefusal) {
        for name in names(of: path) where FileManager.default.fileExists(atPath: name) { throw .exists(name) }
    }

    /// The files that SQLite keeps of a database.
    private static func names(of path: String) -> [String] { ["", "-wal", "-shm", "-journal"].map { path + $0 } }

    /// Copies and checks; the version of the copy's schema.
    private static func fill(_ path: String, from source: String) throws -> Int {
        let original = try DatabaseQueue(path: source, configuration: reading)
        defer { try? original.close() }
        guard try original.read(SQLiteMigrator.version) > 0 else {
            throw StorageError(.corrupt, "it holds no table of this program")
        }
        let copy = try DatabaseQueue(path: path)
        try original.backup(to: copy)
        // Without a log, which the original has, it is one file, and may lie where nobody can write.
        try copy.writeWithoutTransaction { try $0.execute(sql: "pragma journal_mode = delete") }
        try copy.write(SQLiteCopyMark.set)
        try copy.close()
        try synchronize(path)
        let written = try DatabaseQueue(path: path, configuration: reading)
        defer { try? written.close() }
        let damages = try written.read(SQLiteDamages.find)
        guard damages.isEmpty else { throw CopyRefusal.damaged(source, damages) }
        return try written.read(SQLiteMigrator.version)
    }

    private static var reading: Configuration {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        return configuration
    }

    /// Makes an empty file that only its owner reads, as the data deserves: of two that make one copy, one does.
    private static func reserve(_ path: String) throws(CopyRefusal) {
        let file = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            if errno == EEXIST { throw .exists(path) }
            throw .unwritable(path, lastSystemError)
        }
        close(file)
    }

    /// Brings a file, or the names in a folder, to the disk.
    private static func synchronize(_ path: String) throws(CopyRefusal) {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .unwritable(path, lastSystemError) }
        defer { close(file) }
        guard fsync(file) == 0 else { throw .unwritable(path, lastSystemError) }
    }

    private static var lastSystemError: String { String(cString: strerror(errno)) }
}

/// Why a database was not copied.
package enum CopyRefusal: Error, Hashable, Sendable {
    /// There is no file at the path.
    case missing(String)
    /// There is a file at the path already, and it stays as it is.
    case exists(String)
    /// The path, or its folder, cannot be written to, and why.
    case unwritable(String, String)
    /// What was copied from the path is broken, a line each; the copy was removed.
    case damaged(String, [String])
}
