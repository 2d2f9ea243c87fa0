/// Lets so many of the tests that run side by side have something at a time; the others wait in their order.
///
/// Tests begin all at once, and what each of them takes, such as threads, files and connections, adds up to more than a
/// process can have: Foundation's `Process` reads beyond its memory where a process has over a thousand files open.
/// Whoever takes a second place while it has one counts on there being more places than such tests.
actor Places {
    /// For stores on SQLite, each with its threads and files.
    static let ofSQLite = Places(24)

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) {
        free = count
    }

    func take() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func giveBack() {
        if waiting.isEmpty {
            free += 1
        } else {
            waiting.removeFirst().resume()
        }
    }
}
