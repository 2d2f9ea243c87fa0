import Foundation

/// Why a book cannot be kept.
package enum SimulatorBookError: Error, Hashable, Sendable {
    /// The file cannot be opened, read, locked or written.
    case unavailable(path: String, reason: String)
    /// The file holds a line, counted from 1, that no book writes.
    case malformed(line: Int)

    /// What is wrong, without saying where the file lies.
    var reason: String {
        switch self {
        case .unavailable(_, let reason): reason
        case .malformed(let line): "line \(line) is not a book's"
        }
    }
}

/// The file behind a book: lines are only ever appended, each by one `write`, by any number of processes.
///
/// A line is taken in once its newline is there. What a killed process left without one is not edited: the next writer
/// ends that line with `SimulatorLine.tornEnding`.
struct SimulatorFile: ~Copyable {
    private static let chunkBytes = 1 << 16

    private let path: String
    private let descriptor: Int32
    /// How much of the file has been read, from its beginning.
    private var offset: off_t = 0
    /// What was read last; before `start` it has been given out.
    private var buffer: [UInt8] = []
    private var start = 0
    private(set) var linesRead = 0

    /// Opens a file for appending, and makes it where there is none.
    init(path: String) throws(SimulatorBookError) {
        try self.init(path: path, flags: O_RDWR | O_CREAT | O_APPEND)
    }

    /// Opens a file that has to be there, for reading alone.
    init(readingFrom path: String) throws(SimulatorBookError) {
        try self.init(path: path, flags: O_RDONLY)
    }

    private init(path: String, flags: Int32) throws(SimulatorBookError) {
        let descriptor = open(path, flags | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .lastError(path: path) }
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Keeps other writers away; they wait for the length of one line.
    borrowing func lock() throws(SimulatorBookError) {
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else { throw .lastError(path: path) }
        }
    }

    borrowing func unlock() {
        _ = flock(descriptor, LOCK_UN)
    }

    /// The next line whose newline is there, without it.
    mutating func nextLine() throws(SimulatorBookError) -> String? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { start = end + 1 }
                linesRead += 1
                return String(decoding: buffer[start..<end], as: UTF8.self)
            }
            searched = buffer.count - start
            guard try readMore() else { return nil }
        }
    }

    /// Writes a line behind the last one of a file that is locked and read to its end.
    mutating func append(_ line: String) throws(SimulatorBookError) {
        let isTorn = start < buffer.count
        let bytes = Array(((isTorn ? SimulatorLine.tornEnding + "\n" : "") + line + "\n").utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                written += count
            } else if errno != EINTR {
                throw .lastError(path: path)
            }
        }
        offset += off_t(bytes.count)
        linesRead += isTorn ? 2 : 1
        buffer.removeAll(keepingCapacity: true)
        start = 0
    }

    /// Reads on, with what was not given out moved to the front; false at the end of the file.
    private mutating func readMore() throws(SimulatorBookError) -> Bool {
        buffer.removeSubrange(..<start)
        start = 0
        var result = 0
        buffer += Array(unsafeUninitializedCapacity: Self.chunkBytes) { chunk, count in
            result = pread(descriptor, chunk.baseAddress, chunk.count, offset)
            count = max(0, result)
        }
        guard result >= 0 else { throw .lastError(path: path) }
        offset += off_t(result)
        return result > 0
    }
}

extension SimulatorBookError {
    /// What the last call of the system failed with.
    fileprivate static func lastError(path: String) -> SimulatorBookError {
        .unavailable(path: path, reason: String(cString: strerror(errno)))
    }
}
