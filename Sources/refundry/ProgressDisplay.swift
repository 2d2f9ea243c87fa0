import Foundation
import RefundService
import Synchronization

/// Shows on stderr how far work has come: a bar for a person at a terminal, lines for a log.
final class ProgressDisplay: Sendable {
    private let isTerminal = isatty(FileHandle.standardError.fileDescriptor) == 1
    private let shown = Mutex("")

    /// Shows a state: `label` behind the bar, `line` where a log is to have one; what looks like the last state is not
    /// written again.
    func show(percent: Int, _ label: String, line: String?) {
        if isTerminal {
            let bar = Self.bar(percent: percent, label)
            let isNew = shown.withLock { shown in
                defer { shown = bar }
                return shown != bar
            }
            // To the start of the line, and clear what stood behind.
            if isNew { write("\r\(bar)\u{1B}[K") }
        } else if let line {
            write("\(line)\n")
        }
    }

    /// Runs work that shows how far it has come, and takes the bar away when it ends.
    func during<T>(_ work: () async throws -> T) async rethrows -> T {
        defer { if isTerminal { write("\r\u{1B}[K") } }
        return try await work()
    }

    /// Such as `[############             ]  50 % refunds`.
    private static func bar(percent: Int, _ label: String) -> String {
        let filled = String(repeating: "#", count: percent / 4)
        let bar = filled + String(repeating: " ", count: 25 - percent / 4)
        return "[\(bar)] \(percent) % \(label)"
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

extension ProgressDisplay {
    /// Shows how far a move has come; a log has a line a table.
    func show(_ progress: MoveProgress) {
        show(
            percent: Int(progress.rowsMoved * 100 / max(progress.rowsInAll, 1)), progress.table,
            line: progress.isTableDone ? "\(progress.table): \(progress.rowsMovedOfTable) rows" : nil)
    }

    /// Shows how far an import has come; a log has a line a page.
    func show(_ progress: ChargeImport) {
        let label = "\(progress.count) charges"
        show(percent: progress.percent, label, line: label)
    }
}
