import ArgumentParser
import Foundation
import RefundDomain
import RefundService
import RefundStorage

/// Why a command ends badly: one message for people, one exit code for scripts.
///
/// Codes follow sysexits.h: 65 bad data, 66 no such record, 69 unavailable, 70 our own mistake, 73 cannot write,
/// 75 try again, 78 wrong version or settings.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String
    let exitCode: Int32

    init(_ description: String, exitCode: Int32) {
        self.description = description
        self.exitCode = exitCode
    }

    /// What an error means to the person at the command line.
    init(_ error: any Error, database: String) {
        switch error {
        case let failure as CommandFailure:
            self = failure
        case let error as StorageError:
            self.init(error, database: database)
        case let failure as Failure:
            self.init(failure)
        case let refusal as CopyRefusal:
            self.init(refusal)
        default:
            self.init("\(error)", exitCode: 70)
        }
    }

    private init(_ error: StorageError, database: String) {
        switch error.code {
        case .newerSchema:
            self.init("\(database) was made by a later version of refundry: \(error.detail)", exitCode: 78)
        case .readOnly:
            self.init("\(database) cannot be written to: it, or its folder, is read-only", exitCode: 73)
        case .full:
            self.init("the disk of \(database) is full; nothing was changed", exitCode: 73)
        case .busy, .conflict:
            self.init("\(database) is locked by another process; nothing was changed, try again", exitCode: 75)
        case .corrupt:
            self.init("\(database) is no database of refundry, or is damaged: \(error.detail)", exitCode: 65)
        case .unavailable:
            self.init("\(database) cannot be used: \(error.detail)", exitCode: 69)
        case .unique, .constraint, .tooGreat, .failedBefore:
            self.init("\(database): \(error.detail)", exitCode: 70)
        }
    }

    private init(_ refusal: CopyRefusal) {
        switch refusal {
        case .missing(let path): self.init("there is no database \(path)", exitCode: 66)
        case .exists(let path): self.init("\(path) is there already, and is left as it is", exitCode: 73)
        case .unwritable(let path, let reason): self.init("\(path) cannot be written: \(reason)", exitCode: 73)
        case .damaged(let path, let lines):
            self.init(
                "\(path) is damaged, and no copy was kept:\n" + lines.joined(separator: "\n"), exitCode: 65)
        }
    }

    private init(_ failure: Failure) {
        switch failure {
        case .refund(let error): self.init(error.message, exitCode: 65)
        case .input(let problems): self.init(problems.map(\.message).joined(separator: "\n"), exitCode: 65)
        case .notFound(let kind, let text): self.init("there is no \(kind.rawValue) \(text)", exitCode: 66)
        case .conflict(let text), .chargeOfAnotherPayment(_, let text): self.init(text, exitCode: 65)
        case .unavailable: self.init("the database cannot do this just now; nothing was changed", exitCode: 75)
        case .sendingOff: self.init(Failure.sendingOffMessage, exitCode: 75)
        case .unauthenticated, .denied, .foreignTenant, .bug:
            self.init("something went wrong on our side; the log has it", exitCode: 70)
        }
    }
}

/// Runs the body of a command; a failure is printed to stderr and ends the process with its code.
func reporting(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let failure as CommandFailure {
        FileHandle.standardError.write(Data("refundry: \(failure)\n".utf8))
        throw ExitCode(failure.exitCode)
    }
}
