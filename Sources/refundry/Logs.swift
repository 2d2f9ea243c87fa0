import ArgumentParser
import Foundation
import Logging
import RefundHTTP

/// How log lines look.
enum LogForm: String, ExpressibleByArgument, CaseIterable, Sendable {
    case text, json
}

/// The log of the process, on stderr.
enum Logs {
    /// Starts the log; called once, before anything logs.
    static func start(_ form: LogForm) throws {
        let level = Environment.value("REFUNDRY_LOG_LEVEL").flatMap(Logger.Level.init(rawValue:)) ?? .info
        LoggingSystem.bootstrap { label in
            switch form {
            case .text:
                var handler = StreamLogHandler.standardError(label: label)
                handler.logLevel = level
                return handler
            case .json:
                return JSONLogHandler(label: label, logLevel: level)
            }
        }
    }
}

/// Writes each event as one JSON object on a line.
struct JSONLogHandler: LogHandler {
    let label: String
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    init(label: String, logLevel: Logger.Level) {
        self.label = label
        self.logLevel = logLevel
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }
        let line = JSONWriter.object { object in
            object.field("time", Date().formatted(.iso8601))
            object.field("level", event.level.rawValue)
            object.field("logger", label)
            object.field("message", "\(event.message)")
            for (name, value) in fields.sorted(by: { $0.key < $1.key }) { object.field(name, "\(value)") }
        }
        FileHandle.standardError.write(Data(line + [UInt8(ascii: "\n")]))
    }
}
