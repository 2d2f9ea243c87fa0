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

    /// A script that runs, with its input and its output.
    private struct Running {
        let process: Process
        let input: FileHandle
        let output: AsyncStream<String>
    }

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
        let running = try start(script)
        for await words in running.output {
            return Serving(port: words.trimmingCharacters(in: .whitespacesAndNewlines), input: running.input)
        }
        throw NotRun(script: script)
    }

    private static func start(_ script: String, _ arguments: [String] = []) throws -> Running {
        guard let interpreter else { throw NotRun(script: script) }
        let (input, output) = (Pipe(), Pipe())
        let process = Process()
        process.executableURL = interpreter
        process.arguments = [repository.appending(path: "Tests/stripe/\(script)").path] + arguments
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
        return Running(process: process, input: input.fileHandleForWriting, output: words)
    }

    /// What a script says to an input, without the newline at the end.
    package static func answer(of script: String, _ arguments: [String], to input: [UInt8]) async throws -> String {
        let running = try start(script, arguments)
        try running.input.write(contentsOf: Data(input))
        try running.input.close()
        let words = await running.output.reduce(into: "") { $0 += $1 }
        return words.trimmingCharacters(in: .newlines)
    }
}
