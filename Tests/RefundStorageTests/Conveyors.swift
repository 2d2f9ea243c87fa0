import RefundDomain
import RefundTesting
import Testing

@testable import RefundStorage

/// What goes from one unit to another.
@Suite struct `A conveyor` {
    private struct Stopped: Error {}

    @Test func `Brings all items in order, however few have a place`() async throws {
        try await withStore(.sqliteFile) { store in
            let conveyor = Conveyor<Int>(itemsMax: 1)
            async let putting: Void = store.read { _ in
                for item in 0..<500 { try conveyor.put(item) }
                conveyor.stop(.success(()))
            }
            let taken = try await store.write(for: Fixtures.organization.id) { _ in
                var taken: [Int] = []
                while let item = try conveyor.take() { taken.append(item) }
                return taken
            }
            try await putting
            #expect(taken == Array(0..<500))
        }
    }

    @Test func `Lets nobody wait for a side that has failed`() async throws {
        try await withStore(.sqliteFile) { store in
            let conveyor = Conveyor<Int>(itemsMax: 1)
            let putting = Task { try await store.read { _ in while true { try conveyor.put(0) } } }
            let taking = Task {
                try await store.write(for: Fixtures.organization.id) { _ in
                    _ = try conveyor.take()
                    conveyor.stop(.failure(Stopped()))
                    _ = try conveyor.take()
                }
            }
            await #expect(throws: Stopped.self) { try await putting.value }
            await #expect(throws: Stopped.self) { try await taking.value }
        }
    }
}
