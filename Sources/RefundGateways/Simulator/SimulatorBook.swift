package import RefundDomain
import Synchronization

/// What a simulated gateway did: the truth that Refundry's belief can be compared with.
///
/// A key has one entry for as long as it is remembered, however many calls ask for it at once. In a file, an entry is
/// one line, and its line is what makes it happen: what was not written whole was not done. Every call throws
/// `SimulatorBookError`, and only where there is a file.
package final class SimulatorBook: Sendable {
    private let pages: Mutex<SimulatorPages>

    /// Opens the book, with what it holds already.
    package init(_ place: SimulatorConfig.BookPlace) throws(SimulatorBookError) {
        switch place {
        case .memory: pages = Mutex(SimulatorPages(file: nil))
        case .file(let path):
            var pages = SimulatorPages(file: try SimulatorFile(path: path))
            try pages.catchUp()
            self.pages = Mutex(pages)
        }
    }

    /// What was decided on the submission's key, or else what `decide` decides now.
    ///
    /// The entry may be another submission's, which used the key before. `decide` is told how many effects the key has
    /// had, which is none unless it was forgotten in between.
    package func entry(
        for submission: Submission, at now: Instant, orElse decide: (_ effects: Int) -> SimulatorEntry
    ) throws(SimulatorBookError) -> SimulatorEntry {
        try pages.withLock { pages throws(SimulatorBookError) in
            try pages.lockFile()
            defer { pages.unlockFile() }
            try pages.catchUp()
            if let known = pages.entry(underKey: submission.key, at: now) { return known }
            let entry = decide(pages.effectCount(ofKey: submission.key))
            try pages.write(.entry(entry))
            return entry
        }
    }

    /// Gives a charge back as people do at the gateway's own desk: nobody here asked for it.
    ///
    /// `decide` makes the effect out of the number of the effects so far.
    package func effect(
        atDeskBy decide: (_ number: Int) -> SimulatorEffect
    ) throws(SimulatorBookError) -> SimulatorEffect {
        try pages.withLock { pages throws(SimulatorBookError) in
            try pages.lockFile()
            defer { pages.unlockFile() }
            try pages.catchUp()
            let effect = decide(pages.effects.count + 1)
            try pages.write(.entry(.effect(effect)))
            return effect
        }
    }

    /// The effect that an inquiry names by the gateway's reference, or else the refund's.
    ///
    /// Of several that a forgotten key gave a refund it is the last one.
    package func effect(of inquiry: GatewayInquiry) throws(SimulatorBookError) -> SimulatorEffect? {
        try pages.withLock { pages throws(SimulatorBookError) in
            try pages.catchUp()
            return pages.effect(of: inquiry)
        }
    }

    /// Cancels the effect of a refund where it is pending, and gives it as it then is; nil where there is none.
    package func cancel(_ inquiry: GatewayInquiry, at now: Instant) throws(SimulatorBookError) -> SimulatorEffect? {
        try pages.withLock { pages throws(SimulatorBookError) in
            try pages.lockFile()
            defer { pages.unlockFile() }
            try pages.catchUp()
            if let effect = pages.effect(of: inquiry), effect.state(at: now) == .pending {
                try pages.write(.cancellation(RefundAddress(effect.submission), at: now))
            }
            return pages.effect(of: inquiry)
        }
    }

    /// Every effect in the order taken, as this process knows them.
    package func effects() -> [SimulatorEffect] {
        pages.withLock { $0.effects }
    }

    /// Every effect that a book's file holds, in the order taken, for anyone beside the processes that write it.
    package static func effects(inFile path: String) throws(SimulatorBookError) -> [SimulatorEffect] {
        var pages = SimulatorPages(file: try SimulatorFile(readingFrom: path))
        try pages.catchUp()
        return pages.effects
    }
}

/// A refund as both sides know it.
struct RefundAddress: Hashable, Sendable {
    let organization: OrganizationID
    let refund: RefundID
}

extension RefundAddress {
    init(_ inquiry: GatewayInquiry) {
        self.init(organization: inquiry.organization, refund: inquiry.refund)
    }

    init(_ submission: Submission) {
        self.init(organization: submission.organization, refund: submission.refund)
    }
}

/// The book's contents, in memory; with a file they are what its lines say.
private struct SimulatorPages: ~Copyable {
    private struct KeyUse {
        var latest: Place
        var effects = 0
    }

    private enum Place {
        case effect(Int)
        case refusal(Int)
    }

    private(set) var effects: [SimulatorEffect] = []
    private var refusals: [SimulatorRefusal] = []
    private var keys: [String: KeyUse] = [:]
    private var latestEffects: [RefundAddress: Int] = [:]
    private var references: [String: Int] = [:]
    private var file: SimulatorFile?
    /// Why the file was given up: behind a line that cannot be read, nothing is certain.
    private var failure: SimulatorBookError?

    init(file: consuming SimulatorFile?) {
        self.file = file
    }

    /// The entry that a key stands for, while it is remembered.
    func entry(underKey key: String, at now: Instant) -> SimulatorEntry? {
        switch keys[key]?.latest {
        case .effect(let index): now < effects[index].keyUntil ? .effect(effects[index]) : nil
        case .refusal(let index): now < refusals[index].keyUntil ? .refusal(refusals[index]) : nil
        case nil: nil
        }
    }

    func effectCount(ofKey key: String) -> Int { keys[key]?.effects ?? 0 }

    func effect(of inquiry: GatewayInquiry) -> SimulatorEffect? {
        let byReference = inquiry.gatewayReference.flatMap { references[$0] }.map { effects[$0] }
        if let byReference, byReference.submission.organization == inquiry.organization { return byReference }
        return latestEffects[RefundAddress(inquiry)].map { effects[$0] }
    }

    /// Writes a line, and then does what it says.
    mutating func write(_ line: SimulatorLine) throws(SimulatorBookError) {
        try file?.append(line.text)
        apply(line)
    }

    /// Takes in the lines that were written since the last time, by whichever process.
    mutating func catchUp() throws(SimulatorBookError) {
        if let failure { throw failure }
        while let text = try file?.nextLine() {
            if SimulatorLine.isTorn(text) { continue }
            if let line = try? SimulatorLine(text), apply(line) { continue }
            let failure = SimulatorBookError.malformed(line: file?.linesRead ?? 0)
            self.failure = failure
            throw failure
        }
    }

    mutating func lockFile() throws(SimulatorBookError) { try file?.lock() }

    mutating func unlockFile() { file?.unlock() }

    /// Does what a line says; false where it cancels what is not there.
    @discardableResult
    private mutating func apply(_ line: SimulatorLine) -> Bool {
        switch line {
        case .entry(.effect(let effect)):
            let key = effect.submission.key
            keys[key] = KeyUse(latest: .effect(effects.count), effects: effectCount(ofKey: key) + 1)
            latestEffects[RefundAddress(effect.submission)] = effects.count
            references[effect.gatewayReference] = effects.count
            effects.append(effect)
        case .entry(.refusal(let refusal)):
            let key = refusal.submission.key
            keys[key] = KeyUse(latest: .refusal(refusals.count), effects: effectCount(ofKey: key))
            refusals.append(refusal)
        case .cancellation(let refund, let moment):
            guard let index = latestEffects[refund] else { return false }
            effects[index].canceledAt = moment
        }
        return true
    }
}
