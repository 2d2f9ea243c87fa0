import Foundation
import HTTPTypes

/// A golden exchange: what is sent and what comes back, step by step, as a file that people read.
///
/// The first line says what it shows. Then each step: lines behind `> ` are the request (its line, its headers, an
/// empty line, its body), lines behind `< ` the answer (status, the headers that matter, an empty line, the body).
/// A request may hold placeholders (`Placeholders`), which stay in the file as they are.
struct Exchange {
    struct Message {
        var head: String
        var headers: [(name: String, value: String)] = []
        var body: String?
    }

    struct Step {
        var request: Message
        var response: Message?
    }

    let title: String
    var steps: [Step]

    init(parsing text: String) throws {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)[...]
        guard let title = lines.popFirst(), title.hasPrefix("# ") else { throw Malformed("the first line is `# …`") }
        self.title = String(title.dropFirst(2))
        steps = []
        while true {
            lines = lines.drop { $0.isEmpty }
            if lines.isEmpty { return }
            let request = Self.take("> ", ">", from: &lines)
            guard let message = Message(request) else { throw Malformed("a step begins with `> METHOD /path`") }
            steps.append(Step(request: message, response: Message(Self.take("< ", "<", from: &lines))))
        }
    }

    /// The exchange as it is written to a file.
    var text: String {
        let lines = steps.flatMap { step in
            [""] + step.request.lines(mark: ">") + (step.response?.lines(mark: "<") ?? [])
        }
        return (["# \(title)"] + lines).joined(separator: "\n") + "\n"
    }

    private static func take(_ prefix: String, _ bare: String, from lines: inout ArraySlice<String>) -> [String] {
        var taken: [String] = []
        while let line = lines.first, line.hasPrefix(prefix) || line == bare {
            // A request line opens the next step, also where no answer has been recorded yet.
            if !taken.isEmpty, opensStep(line) { break }
            taken.append(line == bare ? "" : String(line.dropFirst(prefix.count)))
            lines.removeFirst()
        }
        return taken
    }

    private static func opensStep(_ line: String) -> Bool {
        ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"].contains { line.hasPrefix("> \($0) /") }
    }

    struct Malformed: Error {
        let reason: String

        init(_ reason: String) {
            self.reason = reason
        }
    }
}

extension Exchange.Message {
    fileprivate init?(_ lines: [String]) {
        guard let head = lines.first else { return nil }
        self.init(head: head)
        let blank = lines.firstIndex(of: "") ?? lines.endIndex
        for line in lines[1..<max(1, blank)] {
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            headers.append((parts[0], parts.count > 1 ? parts[1] : ""))
        }
        if blank < lines.endIndex { body = lines[(blank + 1)...].joined(separator: "\n") }
    }

    fileprivate func lines(mark: String) -> [String] {
        var lines = ["\(mark) \(head)"] + headers.map { "\(mark) \($0.name): \($0.value)" }
        if let body { lines += [mark] + body.split(separator: "\n").map { "\(mark) \($0)" } }
        return lines
    }
}
