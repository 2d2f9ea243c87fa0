/// A table as it is written: a head, then rows of cells parted by bars.
struct Matrix: Sendable {
    let columns: [String]
    let rows: [MatrixRow]

    init(_ text: String) {
        let lines = text.split(separator: "\n").map { line in
            line.split(separator: "|", omittingEmptySubsequences: false).map { cell in
                cell.split(separator: " ").joined(separator: " ")
            }
        }
        let columns = lines.first.map { Array($0.dropFirst()) } ?? []
        self.columns = columns
        rows = lines.dropFirst().map { cells in
            precondition(cells.count == columns.count + 1, "a row of \(cells.count) cells: \(cells)")
            return MatrixRow(name: cells[0], cells: zip(columns, cells.dropFirst()).map { ($0, $1) })
        }
    }
}

/// One row of a matrix: its name, and what stands under each column.
struct MatrixRow: Sendable, CustomStringConvertible {
    let name: String
    let cells: [(column: String, text: String)]

    var description: String { name }
}
