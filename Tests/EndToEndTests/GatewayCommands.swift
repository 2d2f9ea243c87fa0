import Foundation
import Testing

/// Accounts at gateways, as a person configures them.
@Suite struct `The gateway command` {
    @Test func `makes an account, keeps its secret sealed, and changes its keys`() async throws {
        try await withFolder { folder in
            let alone = ["--database", "sqlite:\(folder)/books.sqlite"]
            let database = alone + ["--simulator", "\(folder)/books.simulator"]
            let (keys, secret) = ("\(folder)/keys", "\(folder)/secret")
            func gateway(_ arguments: String...) async throws -> Program.Finished {
                let verb = ["gateway", arguments[0]]
                return try await Program.run(
                    verb + database + ["--key-file", keys, "--organization", "Ada Stores"] + arguments.dropFirst())
            }
            func files() throws -> String {
                let names = try FileManager.default.contentsOfDirectory(atPath: folder)
                return try names.filter { $0.hasPrefix("books") }.map {
                    String(decoding: try Data(contentsOf: URL(filePath: "\(folder)/\($0)")), as: UTF8.self)
                }.joined()
            }
            _ = try await Program.run(["migrate"] + database)
            _ = try await Program.run(
                ["organization", "create"] + database + ["--currency", "INR", "--time-zone", "UTC", "Ada Stores"])
            let first = try await Program.run("gateway", "key", "first").output
            try first.write(toFile: keys, atomically: true, encoding: .utf8)
            try "very-hush\n".write(toFile: secret, atomically: true, encoding: .utf8)

            let create = ["gateway", "create", "--kind", "simulator", "--organization", "Ada Stores", "main"]
            let refused = try await Program.run(create + alone)
            #expect(refused.status == 65 && refused.errors.contains("kind"), "nobody asked for a simulated gateway")
            let made = try await gateway(
                "create", "--kind", "simulator", "main", "label=Main", "notice_secret=@\(secret)")
            #expect(made.status == 0, "\(made.errors)")
            #expect(made.output.hasPrefix("/gateways/") && made.output.hasSuffix("/notices\n"))
            #expect(try await gateway("create", "--kind", "simulator", "main").status == 73)
            let listed = try await gateway("list").output
            #expect(listed.hasPrefix("main\tsimulator\tactive\t/gateways/"))
            #expect(listed.hasSuffix("\tlabel=Main notice_secret=(sealed)\n"))
            #expect(try await gateway("test", "main").output == "it has given money back 0 times\n")
            #expect(try await gateway("set", "--no-active", "main", "label=").status == 0)
            #expect(try await gateway("list").output.contains("\tinactive\t"))
            #expect(try await gateway("set", "nobody", "label=x").status != 0)
            #expect(try !files().contains("very-hush"))

            let second = try await Program.run("gateway", "key", "second").output
            try (second + first).write(toFile: keys, atomically: true, encoding: .utf8)
            let reseal = ["gateway", "reseal"] + database + ["--key-file", keys]
            #expect(try await Program.run(reseal).output == "1 secrets were sealed by another key\n")
            try second.write(toFile: keys, atomically: true, encoding: .utf8)
            #expect(try await gateway("test", "main").status == 0)
            try first.write(toFile: keys, atomically: true, encoding: .utf8)
            #expect(try await gateway("test", "main").status != 0)
            try "nonsense".write(toFile: keys, atomically: true, encoding: .utf8)
            #expect(try await gateway("list").status == 65)
        }
    }
}
