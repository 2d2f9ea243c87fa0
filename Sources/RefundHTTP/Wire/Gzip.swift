import CZlib

/// Why compressed bytes could not be inflated.
package enum GzipError: Error, Hashable, Sendable {
    /// The bytes are not gzip, or are damaged.
    case notGzip
    /// They break off.
    case truncated
    /// They would inflate to more bytes than are allowed.
    case tooLarge
}

/// Gzip (RFC 1952), one member a text, over zlib.
package enum Gzip {
    /// Asks zlib for the gzip form rather than its own; see `deflateInit2` in zlib.h.
    private static let gzipWindowBits = MAX_WBITS + 16
    private static let chunkBytes = 16_384

    /// The bytes, compressed.
    package static func deflate(_ bytes: [UInt8]) -> [UInt8] {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        guard
            deflateInit2_(
                &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzipWindowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
                == Z_OK
        else { preconditionFailure("zlib has no memory, or another version than it was built with") }
        defer { deflateEnd(&stream) }
        let bound = Int(deflateBound(&stream, UInt(bytes.count)))
        var input = bytes
        return [UInt8](unsafeUninitializedCapacity: bound) { output, count in
            input.withUnsafeMutableBufferPointer { input in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(bound)
                _ = CZlib.deflate(&stream, Z_FINISH)
            }
            count = bound - Int(stream.avail_out)
        }
    }

    /// The bytes that were compressed, at most so many: a bomb stops at the limit, and memory with it.
    ///
    /// Text behind the end of the member is refused as `notGzip`.
    package static func inflate(_ bytes: [UInt8], atMost max: Int) throws(GzipError) -> [UInt8] {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        guard inflateInit2_(&stream, gzipWindowBits, ZLIB_VERSION, size) == Z_OK else { throw .notGzip }
        defer { inflateEnd(&stream) }
        var input = bytes
        let result = input.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            return inflateAll(&stream, atMost: max)
        }
        return try result.get()
    }

    private static func inflateAll(_ stream: inout z_stream, atMost max: Int) -> Result<[UInt8], GzipError> {
        var inflated: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: chunkBytes)
        while true {
            let code = chunk.withUnsafeMutableBufferPointer { chunk in
                stream.next_out = chunk.baseAddress
                stream.avail_out = UInt32(chunk.count)
                return CZlib.inflate(&stream, Z_NO_FLUSH)
            }
            inflated += chunk.prefix(chunkBytes - Int(stream.avail_out))
            guard inflated.count <= max else { return .failure(.tooLarge) }
            switch code {
            case Z_STREAM_END: return stream.avail_in == 0 ? .success(inflated) : .failure(.notGzip)
            case Z_OK where stream.avail_in == 0 && stream.avail_out > 0: return .failure(.truncated)
            case Z_OK: continue
            case Z_BUF_ERROR: return .failure(.truncated)
            default: return .failure(.notGzip)
            }
        }
    }
}
