import Foundation
import Synchronization

/// The built program, run as a user runs it: another process, real files, a real socket.
struct Program: Sendable {
    /// How a command ended, and what it wrote.
    struct Finished: Sendable {
        let status: Int32
        let output: String
        let errors: String
    }

    /// Runs a command to its end.
    ///
    /// Its outputs go to files: the end of a pipe is heard only when every process that holds it has ended, and tests
    /// run side by side.
    static func run(_ arguments: String...) async throws -> Finished { try await run(arguments) }

    /// As above, with the arguments in a list, and variables beside those of the tests' own environment.
    static func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> Finished {
        try await withFolder { folder in
            let output = try file("output", in: folder)
            let errors = try file("errors", in: folder)
            defer { for handle in [output.handle, errors.handle] { try? handle.close() } }
            let process = Process()
            process.executableURL = URL(filePath: path)
            process.arguments = arguments
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, own in own }
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = output.handle
            process.standardError = errors.handle
            let status = try await withCheckedThrowingContinuation { continuation in
                process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
                do { try process.run() } catch { continuation.resume(throwing: error) }
            }
            return Finished(
                status: status, output: try String(contentsOf: output.url, encoding: .utf8),
                errors: try String(contentsOf: errors.url, encoding: .utf8))
        }
    }

    private static func file(_ name: String, in folder: String) throws -> (url: URL, handle: FileHandle) {
        let url = URL(filePath: folder).appending(path: name)
        try Data().write(to: url)
        return (url, try FileHandle(forWritingTo: url))
    }

    /// The program's file, found from the running test's own.
    static let path: String = {
        var folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        while folder.path != "/" {
            let candidate = folder.appending(path: "refundry").path
            if FileManager.default.isExecutableFile(atPath: candidate), !isFolder(candidate) { return candidate }
            folder.deleteLastPathComponent()
        }
        return "refundry"
    }()

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}

/// A server of its own for one test, on a port that is free.
final class RunningServer: Sendable {
    let origin: String
    private let process: Mutex<Process>
    private let ended: AsyncStream<Int32>

    /// Starts the program and waits until it says where it listens.
    init(_ arguments: [String], environment: [String: String] = [:]) async throws {
        let process = Process()
        process.executableURL = URL(filePath: Program.path)
        process.arguments = ["serve", "--port", "0"] + arguments
        process.environment = ["REFUNDRY_LOG_LEVEL": "error", "PATH": "/usr/bin:/bin"].merging(environment) { $1 }
        let output = Captured()
        process.standardOutput = output.pipe
        let (ended, continuation) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { process in
            continuation.yield(process.terminationStatus)
            continuation.finish()
        }
        try process.run()
        self.ended = ended
        guard let line = await output.line(containing: "http://"), let start = line.range(of: "http://") else {
            throw NotStarted()
        }
        origin = String(line[start.lowerBound...]).trimmingCharacters(in: .whitespacesAndNewlines)
        self.process = Mutex(process)
    }

    /// Ends the program as a power cut would.
    func kill9() async {
        process.withLock { _ = kill($0.processIdentifier, SIGKILL) }
        for await _ in ended {}
    }

    /// Asks the program to stop, and waits until it has.
    func stop() async {
        process.withLock { $0.terminate() }
        for await _ in ended {}
    }

    struct NotStarted: Error {}
}

/// What a process writes to one of its outputs.
final class Captured: Sendable {
    let pipe = Pipe()
    private let chunks: AsyncStream<Data>

    init() {
        let (chunks, continuation) = AsyncStream.makeStream(of: Data.self)
        self.chunks = chunks
        pipe.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty {
                handle.readabilityHandler = nil
                continuation.finish()
            } else {
                continuation.yield(data)
            }
        }
    }

    /// The first line with a text in it; nil where the output ends without.
    func line(containing text: String) async -> String? {
        var seen = ""
        for await chunk in chunks {
            seen += String(decoding: chunk, as: UTF8.self)
            let lines = seen.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            if let line = lines.first(where: { $0.contains(text) }) { return String(line) }
        }
        return nil
    }
}

/// A folder that is gone after the test.
func withFolder<T>(_ body: (String) async throws -> T) async throws -> T {
    let folder = FileManager.default.temporaryDirectory.appending(path: "refundry-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder.path)
}
