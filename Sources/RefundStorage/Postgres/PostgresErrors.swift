import CPostgres

extension StorageError {
    /// What a result that is an error means.
    ///
    /// The server's detail quotes the row, and so names and addresses of people: nothing of it is kept. Neither is the
    /// message of a value that does not fit its type, which quotes the value.
    init(postgres result: OpaquePointer?, while action: String) {
        func field(_ code: Unicode.Scalar) -> String {
            PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) } ?? ""
        }
        let state = field("C")
        let message = state.hasPrefix("22") ? "a value does not fit" : field("M")
        let detail = "\(message) (\(state)) while: \(action)"
        if state == "23505" {
            self.init(.unique(Self.constraint(table: field("t"), detail: field("D"))), detail)
        } else {
            self.init(Self.code(ofState: state), detail)
        }
    }

    /// What libpq says of a connection by itself.
    init(postgres connection: OpaquePointer?) {
        let message = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
        self.init(.unavailable, message.isEmpty ? "no connection to PostgreSQL" : message)
    }

    /// By the SQLSTATE: PostgreSQL's documentation, appendix A.
    private static func code(ofState state: String) -> Code {
        switch state {
        case "23000"..."23ZZZ": .constraint
        case "40001", "40P01": .conflict
        case "53100": .full
        case "25006": .readOnly
        case "55P03", "57014", "53300": .busy
        case "XX001", "XX002": .corrupt
        default: .unavailable
        }
    }

    /// The columns of a unique key as SQLite names them.
    ///
    /// The detail is `Key (a, b)=(1, 2) already exists.` in the server's language; the parentheses are in all.
    private static func constraint(table: String, detail: String) -> String {
        let columns = detail.prefix { $0 != "=" }.drop { $0 != "(" }.dropFirst().dropLast()
        return columns.split(separator: ", ").map { "\(table).\($0)" }.joined(separator: ", ")
    }

    /// Whether the server ended the connection with this error, before libpq has noticed.
    static func endsConnection(state: String) -> Bool {
        state.isEmpty || state.hasPrefix("08") || ["57P01", "57P02", "57P03", "57P05"].contains(state)
    }
}
