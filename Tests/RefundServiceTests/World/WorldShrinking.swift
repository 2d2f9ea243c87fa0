extension Array where Element: Sendable {
    /// Leaves out as many elements as it can while what is left still fails: halves first, then ever smaller pieces.
    ///
    /// `triesMax` bounds how often it is tried.
    func shrunk(
        triesMax: Int, while fails: (_ left: [Element]) async throws -> Bool
    ) async rethrows -> [Element] {
        var kept = self
        var tries = 0
        var size = Swift.max(1, kept.count / 2)
        while true {
            var isSmaller = false
            var start = 0
            while start < kept.count {
                guard tries < triesMax else { return kept }
                tries += 1
                var left = kept
                left.removeSubrange(start..<Swift.min(start + size, left.count))
                if try await fails(left) {
                    kept = left
                    isSmaller = true
                } else {
                    start += size
                }
            }
            if size == 1, !isSmaller { return kept }
            size = Swift.max(1, size / 2)
        }
    }
}
