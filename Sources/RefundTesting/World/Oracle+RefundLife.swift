extension Oracle {
    /// Where a refund stands; awaiting approval is `requested` here, since both only reserve.
    package enum State: Hashable, Sendable, CaseIterable {
        case requested
        case approved
        case submitting
        case unknown
        case pending
        case succeeded
        case failed
        case canceled
        case returned
        case voided

        var isOnItsWay: Bool { self == .submitting || self == .unknown || self == .pending }
        var isUndone: Bool { self == .failed || self == .canceled || self == .returned }
    }

    /// What a gateway says of a refund.
    package enum Report: Int, Hashable, Sendable, CaseIterable {
        case pending
        case failed
        case canceled
        case succeeded
        case returned
    }

    /// Why a refund may stand beyond what its source had: nobody asked the purse first.
    package enum UnguardedFact: Hashable, Sendable {
        case outOfBand
        case history
        case lateSuccess
        /// An operator, or a gateway, told a greater amount than was asked.
        case greaterAmount
    }

    /// One step of a refund's life.
    enum Step: Sendable {
        case approved
        case canceled
        case expired
        case sent
        case notSent
        case indeterminate
        case retried
        case voided
        case resolved(succeeded: Bool, paid: Int64?)
        case reported(Report, amount: Int64?)

        /// Whether it says that the money does not go, so that what stands after it is a late success.
        ///
        /// Nil where it says nothing of that; a retry asks the source anew.
        var undoes: Bool? {
            switch self {
            case .reported(.failed, _), .reported(.canceled, _), .reported(.returned, _), .resolved(false, _): true
            case .canceled, .expired: true
            case .retried: false
            case .reported(.pending, _), .reported(.succeeded, _), .resolved(true, _): nil
            case .approved, .sent, .notSent, .indeterminate, .voided: nil
            }
        }
    }

    /// A refund: what it allocated, and the log that its state is read from.
    struct Refund: Sendable {
        let source: Source
        let destination: Destination
        let origin: UnguardedFact?
        let asked: Int64
        let rate: Rate?
        private let first: State
        private var log: [(moment: Int64, rank: Int, amount: Int64, step: Step)] = []
        var parts: [Part]
        var unbacked: Int64
        var allocatedBase: Int64 = 0
        private(set) var state: State
        /// What it amounts to by its log; `amount` follows.
        private(set) var amountTold: Int64
        private(set) var mayHaveLeft = false

        init(
            source: Source, destination: Destination, origin: UnguardedFact? = nil, asked: Int64, rate: Rate? = nil,
            first: State, parts: [Part], unbacked: Int64
        ) {
            self.source = source
            self.destination = destination
            self.origin = origin
            self.asked = asked
            self.rate = rate
            self.first = first
            self.parts = parts
            self.unbacked = unbacked
            state = first
            amountTold = asked
        }

        var amount: Int64 { parts.reduce(unbacked) { $0 + $1.amount } }
        var isLive: Bool { !state.isUndone && state != .voided }
        var isPosted: Bool { isLive && state != .requested }
        var isOffline: Bool { destination == .offline }

        func amount(on payment: Int) -> Int64 {
            parts.reduce(0) { $0 + ($1.payment == payment ? $1.amount : 0) }
        }

        /// The facts by which it may stand beyond what its source had.
        var unguardedFacts: Set<UnguardedFact> {
            var facts: Set<UnguardedFact> = origin.map { [$0] } ?? []
            if origin == nil, log.compactMap(\.step.undoes).last ?? false { facts.insert(.lateSuccess) }
            if origin != .outOfBand, amount > asked { facts.insert(.greaterAmount) }
            return facts
        }

        /// The state after a step, or nil where the life has no such step.
        func state(after step: Step) -> State? {
            switch step {
            case .approved: state == .requested ? (isOffline ? .succeeded : .approved) : nil
            case .canceled: state == .requested || state == .approved ? .canceled : nil
            case .expired: state == .approved ? .failed : nil
            case .sent: state == .approved ? .submitting : nil
            case .notSent: state == .submitting ? .approved : nil
            case .indeterminate: state == .submitting ? .unknown : nil
            case .retried: state == .failed && !mayHaveLeft ? .approved : nil
            case .voided: state == .succeeded && isOffline ? .voided : nil
            case .resolved(let succeeded, _):
                state == .unknown || state == .pending ? (succeeded ? .succeeded : .failed) : nil
            case .reported(.pending, _): state.isUndone || state.isOnItsWay ? .pending : nil
            case .reported(.succeeded, _): state.isUndone || state.isOnItsWay ? .succeeded : nil
            case .reported(.failed, _): state.isOnItsWay ? .failed : state == .succeeded ? .returned : nil
            case .reported(.canceled, _): state.isOnItsWay ? .canceled : nil
            case .reported(.returned, _): state == .succeeded ? .returned : nil
            }
        }

        /// Adds a step and reads the whole log again.
        ///
        /// A gateway's report stands by its moment, at equal moments by the life, two equal ones by the amount; a step
        /// of ours stands after all that is known. A report that the life has no step for changes nothing.
        mutating func add(_ step: Step, at moment: Int64?) {
            var key = (moment ?? log.last?.moment ?? .min, Report.allCases.count, Int64(0))
            if case .reported(let report, let amount) = step { (key.1, key.2) = (report.rawValue, amount ?? 0) }
            let position = log.firstIndex { ($0.moment, $0.rank, $0.amount) > key } ?? log.endIndex
            log.insert((key.0, key.1, key.2, step), at: position)
            (state, amountTold, mayHaveLeft) = (first, asked, false)
            // Nobody asked for a refund made out of band: it amounts to what its earliest report says.
            if origin == .outOfBand, case .reported(_, let told?)? = log.first?.step { amountTold = told }
            for entry in log { advance(by: entry.step) }
        }

        private mutating func advance(by step: Step) {
            if case .reported(_, let told?) = step, told != amountTold, state != .voided {
                // Another amount is believed by nobody: it keeps, or gets back, the greater one until it is resolved.
                if state == .submitting { state = .unknown }
                if state.isUndone || state == .succeeded {
                    (state, amountTold) = (.pending, max(amountTold, told))
                }
                return
            }
            guard let next = state(after: step) else { return }
            if case .sent = step { mayHaveLeft = true }
            if case .notSent = step { mayHaveLeft = false }
            if case .resolved(true, let paid?) = step { amountTold = paid }
            state = next
        }
    }
}
