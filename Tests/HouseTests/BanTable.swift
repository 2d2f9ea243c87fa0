extension Ban {
    /// Where amounts and times are integers, and nothing else.
    private static let exact = ["Sources/RefundDomain/", "Sources/RefundStorage/Tables/", "Sources/RefundHTTP/Wire/"]

    /// Where a connection belongs to a thread, and the compiler has to take our word for it.
    private static let engines = [
        "Sources/RefundStorage/SQLite/", "Sources/RefundStorage/Postgres/", "Sources/RefundStorage/Units/",
    ]

    // What is banned stands below only as samples, in texts: what each ban has to catch and what it has to let pass.

    /// Every ban: those on traps, on inexact values, on shared state, on closed tables, and on what leaks out.
    static let all = traps + inexactness + sharing + openness + leakage

    private static let traps = [
        // The names, patterns and samples of what is banned, as texts: none is code.
        Ban(
            "try!", #"\btry!"#,
            remedy: "let the error pass with `try`, or answer it",
            caught: ("Tests/Sample.swift", ["let a = try! b()", "f(\"\\(try! b())\")"]),
            passed: ("Tests/Sample.swift", ["let a = try b()", "// try! b()", "say(\"try! b()\")", "try !b()"])),
        // Texts again: the pattern, what it catches and what it lets pass.
        Ban(
            "as!", #"\bas!"#,
            remedy: "bind with `as?` and answer the other case",
            caught: ("Tests/Sample.swift", ["let a = b as! Int"]),
            passed: ("Tests/Sample.swift", ["let a = b as? Int", "alas != b"])),
        // Texts again.
        Ban(
            "fatalError", #"\bfatalError\("#,
            remedy: "`preconditionFailure` for a bug of ours, an error for what comes from outside",
            caught: ("Sources/refundry/Sample.swift", ["fatalError(\"never\")"]),
            passed: ("Sources/refundry/Sample.swift", ["preconditionFailure(\"never\")", "log.fatalErrors(1)"])),
        Ban(
            "forced unwrapping", #"(?<=[\w\])`?])(?<!\btry)(?<!\bas)!(?!=)"#, inside: ["Sources/"],
            remedy: "`guard let`, `if let` or `??`; an optional that is never nil is not optional",
            caught: (
                "Sources/refundry/Sample.swift",
                ["let a = b!", "f()!.c", "a[0]![1]", "var a: Int!", "say(\"\\(a!)\")", "if a! == b {}"]
            ),
            // Texts that this ban lets pass: other bans catch the last one.
            passed: (
                "Sources/refundry/Sample.swift",
                [
                    "if a != b {}", "if a!=b {}", "if a!==b {}", "if !a, (!b) {}", "a = [!b]", "say(\"a!\")", "a // b!",
                    "try! b as! Int",
                ]
            )),
    ]

    private static let inexactness = [
        Ban(
            "binary floating point", #"\b(?:Double|Float|Float16|Float32|Float64|Float80|CGFloat)\b"#, inside: exact,
            remedy: "`Money` for amounts, exact decimal text for rates, `Duration` for spans",
            caught: ("Sources/RefundDomain/Sample.swift", ["let a: Double = 1", "let a = Float(b)"]),
            passed: (
                "Sources/RefundDomain/Sample.swift", ["/// Never a Double.", "let DoubleEntry = 1", "a.isDoubled"]
            )),
        Ban(
            "Decimal", #"\bDecimal\b"#, inside: exact,
            remedy: "Int64 minor units (`Money`), or exact decimal text",
            caught: ("Sources/RefundHTTP/Wire/Sample.swift", ["let a = Decimal(1)"]),
            passed: ("Sources/RefundHTTP/Wire/Sample.swift", ["let a = DecimalAmount(b)", "a.decimalText"])),
        Ban(
            "Date", #"\bDate\b"#, inside: exact,
            remedy: "`Instant` for a moment, `LocalDate` for a day",
            caught: ("Sources/RefundStorage/Tables/Sample.swift", ["let a = Date()"]),
            passed: ("Sources/RefundStorage/Tables/Sample.swift", ["let a: LocalDate", "let header = \"Date\""])),
        Ban(
            "UUID", #"\bUUID\b"#, inside: exact,
            remedy: "a typed identifier, drawn by the caller",
            caught: ("Sources/RefundDomain/Sample.swift", ["let a = UUID()"]),
            passed: ("Sources/RefundDomain/Sample.swift", ["let a = RefundID(b)"])),
    ]

    private static let sharing = [
        Ban(
            "unchecked sharing", #"@unchecked\s+Sendable\b|\bnonisolated\(unsafe\)"#, outside: engines,
            remedy: "compose `Sendable` values, and keep shared state in a `Mutex`",
            // Texts of what is caught outside the engines, and passes inside.
            caught: (
                "Sources/RefundService/Sample.swift",
                ["final class A: @unchecked Sendable {}", "nonisolated(unsafe) var a = 1"]
            ),
            passed: ("Sources/RefundStorage/SQLite/Sample.swift", ["final class A: @unchecked Sendable {}"])),
        Ban(
            "blocking wait", #"\bThread\.sleep\b|\busleep\(|\bDispatchSemaphore\b|\.wait\(\)"#, outside: engines,
            remedy: "`await` the outcome, or drive the clock",
            caught: (
                "Tests/Sample.swift",
                ["Thread.sleep(forTimeInterval: 1)", "let a = DispatchSemaphore(value: 0)", "try future.wait()"]
            ),
            passed: ("Tests/Sample.swift", ["await task.value", "process.waitUntilExit()", "// .wait()"])),
    ]

    private static let openness = [
        Ban(
            "default or `case _`", #"(?:^|[{;])[ \t]*(?:default[ \t]*:|case[ \t]+_[ \t]*:)"#,
            inside: ["Sources/RefundDomain/"],
            remedy: "spell every case, so that a new one has to be thought about; look texts up in a table",
            caught: (
                "Sources/RefundDomain/Sample.swift",
                ["        default: nil", "switch a { case .b: 1; default: 2 }", "    case _: nil"]
            ),
            passed: (
                "Sources/RefundDomain/Sample.swift",
                ["f(default: 1)", "    @unknown default: nil", "    case (_, .b): nil", "let `default`: Int"]
            )),
        Ban(
            "default or `case _` in a table of words",
            #"(?:^|[{;])[ \t]*(?:default[ \t]*:|case[ \t]+_[ \t]*:)"#,
            inside: DialectWalls.dialects.flatMap {
                ["Sources/RefundHTTP/\($0)/\($0)+Errors.swift", "Sources/RefundHTTP/\($0)/\($0)+Vocabulary.swift"]
            },
            remedy: "spell every case, so that a new one has to be answered; look vendor words up in a table",
            caught: ("Sources/RefundHTTP/Zuora/Zuora+Errors.swift", ["        default: 500"]),
            passed: ("Sources/RefundHTTP/Zuora/Refunds.swift", ["        default: 500"])),
    ]

    private static let leakage = [
        Ban(
            "public declaration", #"(?<![.\w`])public(?=[ (])|\bopen[ ]+(?:class|func|var|subscript)\b"#,
            inside: ["Sources/"],
            remedy: "`package`: the program is our only product",
            caught: (
                "Sources/RefundDomain/Sample.swift", ["public struct A {}", "public import B", "open class A {}"]
            ),
            passed: ("Sources/RefundDomain/Sample.swift", ["a.public", "let isPublic = 1", "package struct A {}"])),
        Ban(
            "print", #"(?<![.\w])(?:print|debugPrint|dump)\("#, inside: ["Sources/"], outside: ["Sources/refundry/"],
            remedy: "log it, or return the text and let the program print it",
            caught: ("Sources/RefundService/Sample.swift", ["print(a)", "debugPrint(a)"]),
            passed: ("Sources/RefundService/Sample.swift", ["blueprint(a)", "say(\"print(a)\")"])),
        // The marker words are put together here, so that this file holds none.
        Ban(
            "leftover marker", #"\b(?:TO"# + #"DO|FIX"# + #"ME|HA"# + #"CK)\b"#, reading: .text,
            remedy: "do it, or open an issue and say here what holds today",
            caught: ("Sources/RefundDomain/Sample.swift", ["// TO" + "DO: later", "/// FIX" + "ME", "// HA" + "CK"]),
            passed: ("Sources/RefundDomain/Sample.swift", ["// Todos los reembolsos.", "let hack = 1"])),
    ]
}
