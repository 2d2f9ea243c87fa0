package import Foundation

/// Scripts of `Tests/stripe`, which need the packages that `make stripe` fetches from PyPI.
package enum PythonScript {
    private static let repository = URL(filePath: #filePath).appending(path: "../../..").standardized

    /// The interpreter of the environment that has them; nil where there is none.
    ///
    /// `REFUNDRY_STRIPE_PYTHON` names another, and is believed: then nothing is left out.
    package static let interpreter: URL? = {
        if let named = ProcessInfo.processInfo.environment["REFUNDRY_STRIPE_PYTHON"] { return URL(filePath: named) }
        let usual = repository.appending(path: "var/stripe-venv/bin/python")
        return FileManager.default.isExecutableFile(atPath: usual.path) ? usual : nil
    }()

    package static var isThere: Bool { interpreter != nil }

    /// A script that serves until it is let go of.
    package struct Serving: Sendable {
        package let port: String
        private let input: FileHandle

        fileprivate init(port: String, input: FileHandle) {
            self.port = port
            self.input = input
        }

        package func end() throws { try input.close() }
    }

    private struct NotRun: Error {
        let script: String
    }

    /// Starts a script that prints the port at which it serves, and ends when its input does.
    package static func serve(_ script: String) async throws -> Serving {
        let process = try process(script)
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        let (words, said) = AsyncStream.makeStream(of: String.self)
        output.fileHandleForReading.readabilityHandler = { handle in
            let bytes = handle.availableData
            if bytes.isEmpty {
                handle.readabilityHandler = nil
                said.finish()
            } else {
                said.yield(String(decoding: bytes, as: UTF8.self))
            }
        }
        try process.run()
        for await port in words {
            return Serving(
                port: port.trimmingCharacters(in: .whitespacesAndNewlines), input: input.fileHandleForWriting)
        }
        throw NotRun(script: script)
    }

    /// What a script says to an input, without the newline at the end.
    ///
    /// Both are files: the end of a pipe is not always heard where tests open and close many at once.
    package static func answer(of script: String, _ arguments: [String], to input: [UInt8]) async throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(path: "refundry-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (asked, said) = (folder.appending(path: "input"), folder.appending(path: "output"))
        try Data(input).write(to: asked)
        try Data().write(to: said)
        let process = try process(script, arguments)
        process.standardInput = try FileHandle(forReadingFrom: asked)
        process.standardOutput = try FileHandle(forWritingTo: said)
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        guard status == 0 else { throw NotRun(script: script) }
        return try String(contentsOf: said, encoding: .utf8).trimmingCharacters(in: .newlines)
    }

    private static func process(_ script: String, _ arguments: [String] = []) throws -> Process {
        guard let interpreter else { throw NotRun(script: script) }
        let process = Process()
        process.executableURL = interpreter
        process.arguments = [repository.appending(path: "Tests/stripe/\(script)").path] + arguments
        return process
    }
}
