import RefundDomain
import Testing

@Suite struct `The page on the life of a refund` {
    @Test func `tells the steps, the holds and the events of the code`() throws {
        var page = try GoldenPage("docs/refund-life.md")
        try page.expect("diagram", says: Self.diagram)
        try page.expect("states", says: Self.states)
        try page.expect("events", says: try Self.events())
    }

    private static let steps = RefundState.allCases.flatMap { state in
        RefundEvent.allCases.compactMap { event in
            (try? state.advanced(by: event)).map { (state: state, event: event, next: $0) }
        }
    }

    private static var diagram: String {
        var lines = ["```mermaid", "stateDiagram-v2", "    [*] --> requested"]
        for step in steps {
            lines.append("    \(step.state.rawValue) --> \(step.next.rawValue): \(words(step.event.rawValue))")
        }
        lines += [
            "    classDef reserved stroke-dasharray: 4 4", "    classDef spent stroke-width: 3px",
            "    classDef released opacity: 0.6",
        ]
        for hold in [RefundHold.reserved, .spent, .released] {
            let states = RefundState.allCases.filter { $0.hold == hold }.map(\.rawValue)
            lines.append("    class \(states.joined(separator: ",")) \(hold)")
        }
        return lines.joined(separator: "\n") + "\n```\n"
    }

    private static var states: String {
        var lines = ["| state | holds | leaves it by |", "| --- | --- | --- |"]
        for state in RefundState.allCases {
            let leaving = steps.filter { $0.state == state }
                .map { "\(words($0.event.rawValue)) → \($0.next.rawValue)" }
            let ways = leaving.isEmpty ? "nothing" : leaving.joined(separator: ", ")
            lines.append("| \(state.rawValue) | \(state.hold) | \(ways) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func events() throws -> String {
        var lines = ["| event | happens to |", "| --- | --- |"]
        for event in RefundEvent.allCases {
            let ways = try RefundWay.allCases.filter { way in
                try RefundState.allCases.contains { state in
                    let refund = try way.refund(in: state)
                    return (try? refund.meeting(event)) != nil
                }
            }
            let refunds = ways == RefundWay.allCases ? "any refund" : ways.map(name).joined()
            lines.append("| \(words(event.rawValue)) | \(refunds) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func name(_ way: RefundWay) -> String {
        switch way {
        case .byHand: "an offline one"
        case .throughGateway: "an electronic one"
        }
    }

    private static func words(_ name: String) -> String { String(name.map { $0 == "_" ? " " : $0 }) }
}
