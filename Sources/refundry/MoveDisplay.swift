import Foundation
import RefundService
import Synchronization

/// Shows on stderr how far a move has come: a bar for a person at a terminal, a line a table for a log.
final class MoveDisplay: Sendable {
    private let isTerminal = isatty(FileHandle.standardError.fileDescriptor) == 1
    private let shown = Mutex("")

    /// Shows a state; one that looks like the last is not written again.
    func show(_ progress: MoveProgress) {
        if isTerminal {
            let line = Self.bar(progress)
            let isNew = shown.withLock { shown in
                defer { shown = line }
                return shown != line
            }
            // To the start of the line, and clear what stood behind.
            if isNew { write("\r\(line)\u{1B}[K") }
        } else if progress.isTableDone {
            write("\(progress.table): \(progress.rowsMovedOfTable) rows\n")
        }
    }

    /// Takes the bar away.
    func end() {
        if isTerminal { write("\r\u{1B}[K") }
    }

    /// Such as `[#######       ]  50 % refunds`.
    static func bar(_ progress: MoveProgress) -> String {
        let percent = Int(progress.rowsMoved * 100 / max(progress.rowsInAll, 1))
        let filled = String(repeating: "#", count: percent / 4)
        let bar = filled + String(repeating: " ", count: 25 - percent / 4)
        return "[\(bar)] \(percent) % \(progress.table)"
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
