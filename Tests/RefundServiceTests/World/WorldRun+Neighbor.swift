import RefundService
import RefundTesting

/// The other organization of the database, whose records, references and keys look like the first one's, and which has
/// an oracle of its own.
extension WorldRun {
    /// Lets a step happen in the other organization.
    func actNextDoor(_ step: WorldStep) async throws {
        guard let neighbor = peers.first else { return add("there is no other organization") }
        try await neighbor.takeAsGuest(step)
        await hear(neighbor)
    }

    private func takeAsGuest(_ step: WorldStep) async throws {
        report.stepsTaken += 1
        do {
            try await act(step)
        } catch let failure as Failure {
            complain("the step ended in \(failure)")
        }
        try await tellOracle()
    }

    /// Nothing that happens here changes anything there.
    func comparePeers() async throws {
        for peer in peers {
            if report.complaint == nil { try await peer.compare() }
            await hear(peer)
        }
    }

    func tellAllNextDoor() async throws -> [Set<String>] {
        var told: [Set<String>] = []
        for peer in peers { told.append(try await peer.tellAll()) }
        return told
    }

    func judgeEndNextDoor(_ told: [Set<String>]) async throws {
        for (peer, told) in zip(peers, told) {
            if report.complaint == nil { try await peer.judgeEnd(told) }
            await hear(peer)
        }
    }

    private func hear(_ peer: WorldRun) async {
        let (lines, complaint) = await peer.drain()
        for line in lines { report.add("  next door: \(line)") }
        report.count("lines next door", times: lines.count)
        if let complaint { complain("next door: \(complaint)") }
    }

    private func drain() -> (lines: [String], complaint: String?) { (report.drain(), report.complaint) }

    func meet(_ peer: WorldRun) { peers.append(peer) }
}
