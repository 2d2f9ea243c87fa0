import GRDB
import GRDBSQLite

extension StorageError {
    /// What SQLite's last error on a connection means.
    init(sqlite connection: OpaquePointer?, while action: String) {
        let code = sqlite3_extended_errcode(connection)
        let message = sqlite3_errmsg(connection).map { String(cString: $0) } ?? ""
        self.init(extendedCode: code, message: message, while: action)
    }

    /// What an error that GRDB threw means.
    init(_ error: any Error, while action: String) {
        switch error {
        case let error as StorageError:
            self = error
        case let error as DatabaseError:
            self.init(
                extendedCode: error.extendedResultCode.rawValue, message: error.message ?? "", while: action)
        default:
            self.init(.unavailable, "\(action): \(error)")
        }
    }

    private init(extendedCode: Int32, message: String, while action: String) {
        let detail = "\(message) (\(extendedCode)) while: \(action)"
        switch ResultCode(rawValue: extendedCode) {
        case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY:
            // The message ends in `table.column, table.column`.
            self.init(.unique(message.split(separator: ":").last.map { $0.trimmingBlanks } ?? ""), detail)
            return
        default:
            break
        }
        switch ResultCode(rawValue: extendedCode).primaryResultCode {
        case .SQLITE_CONSTRAINT: self.init(.constraint, detail)
        case .SQLITE_BUSY, .SQLITE_LOCKED: self.init(.busy, detail)
        case .SQLITE_FULL: self.init(.full, detail)
        case .SQLITE_READONLY: self.init(.readOnly, detail)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self.init(.corrupt, detail)
        default: self.init(.unavailable, detail)
        }
    }
}

extension Substring {
    fileprivate var trimmingBlanks: String { String(drop { $0 == " " }) }
}
