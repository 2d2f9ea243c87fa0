package import Metrics
import RefundDomain
import Synchronization

/// The metrics of the process, in the text form that Prometheus reads.
///
/// Timers and recorders are shown as count and sum, counters and meters as they stand. Labels are routes and statuses,
/// never anything that a caller can choose.
package final class PrometheusRegistry: MetricsFactory {
    private struct Key: Hashable {
        let label: String
        let dimensions: [String]
    }

    private let samples = Mutex<[Key: Sample]>([:])
    private let values = Mutex<[Key: StandingValue]>([:])

    package init() {}

    /// Makes a registry the metrics system of the process; called once.
    package static func start() -> PrometheusRegistry {
        let registry = PrometheusRegistry()
        MetricsSystem.bootstrap(registry)
        return registry
    }

    /// All samples as text, in the order of their names.
    package var exposition: String {
        let counted = samples.withLock { samples in
            samples.map { key, sample in sample.lines(key.label, key.dimensions) }
        }
        let standing = values.withLock { values in
            values.map { key, value in value.line(key.label, key.dimensions) }
        }
        return (counted + standing).sorted().joined()
    }

    /// The sample of a label with these dimensions, as a counter.
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        sample(label, dimensions)
    }

    /// The sample of a label with these dimensions, as a recorder.
    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        sample(label, dimensions)
    }

    /// The sample of a label with these dimensions, as a timer.
    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        sample(label, dimensions)
    }

    /// The value of a label with these dimensions, as it stands.
    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        let key = Key(label: label, dimensions: dimensions.map { "\($0.0)=\"\($0.1)\"" })
        return values.withLock { values in
            if let known = values[key] { return known }
            let value = StandingValue()
            values[key] = value
            return value
        }
    }

    /// Values live as long as the process.
    package func destroyMeter(_ handler: any MeterHandler) {}

    /// Samples live as long as the process.
    package func destroyCounter(_ handler: any CounterHandler) {}

    /// Samples live as long as the process.
    package func destroyRecorder(_ handler: any RecorderHandler) {}

    /// Samples live as long as the process.
    package func destroyTimer(_ handler: any TimerHandler) {}

    private func sample(_ label: String, _ dimensions: [(String, String)]) -> Sample {
        let key = Key(label: label, dimensions: dimensions.map { "\($0.0)=\"\($0.1)\"" })
        return samples.withLock { samples in
            if let known = samples[key] { return known }
            let sample = Sample()
            samples[key] = sample
            return sample
        }
    }
}

/// A value as it stands, such as whether something is on; whole numbers alone.
///
/// The floating point is the type that Metrics asks for: switches and counts come here, and no money.
private final class StandingValue: MeterHandler, Sendable {
    private let value = Mutex<Int64>(0)

    func set(_ value: Int64) { self.value.withLock { $0 = value } }

    func set(_ value: Double) { set(Int64(exactly: value.rounded()) ?? 0) }

    func increment(by amount: Double) { value.withLock { $0 &+= Int64(exactly: amount.rounded()) ?? 0 } }

    func decrement(by amount: Double) { value.withLock { $0 &-= Int64(exactly: amount.rounded()) ?? 0 } }

    func line(_ label: String, _ dimensions: [String]) -> String {
        let labels = dimensions.isEmpty ? "" : "{\(dimensions.joined(separator: ","))}"
        return "\(label)\(labels) \(value.withLock { $0 })\n"
    }
}

/// How often something happened, and how much it came to.
private final class Sample: CounterHandler, RecorderHandler, TimerHandler, Sendable {
    private struct Totals {
        var count: Int64 = 0
        var sum: Int64 = 0
    }

    private let totals = Mutex(Totals())

    func increment(by amount: Int64) { add(count: amount, sum: amount) }

    func reset() { totals.withLock { $0 = Totals() } }

    func record(_ value: Int64) { add(count: 1, sum: value) }

    /// What is no number, or too large for one, counts and adds nothing.
    ///
    /// The type is the one that Metrics asks for: times and counts come here, and no money.
    func record(_ value: Double) { add(count: 1, sum: Int64(exactly: value.rounded()) ?? 0) }

    func recordNanoseconds(_ duration: Int64) { add(count: 1, sum: duration) }

    func lines(_ label: String, _ dimensions: [String]) -> String {
        let totals = totals.withLock { $0 }
        let labels = dimensions.isEmpty ? "" : "{\(dimensions.joined(separator: ","))}"
        return "\(label)_count\(labels) \(totals.count)\n\(label)_sum\(labels) \(totals.sum)\n"
    }

    private func add(count: Int64, sum: Int64) {
        totals.withLock { totals in
            totals.count &+= count
            totals.sum &+= sum
        }
    }
}
