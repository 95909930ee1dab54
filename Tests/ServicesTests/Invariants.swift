import Storage

@testable import Services

/// What holds between any two transactions: the rules of the doctor.
enum Invariants {
    static func broken(_ backend: any StorageBackend) async throws -> [String] {
        try await DoctorService(services: Services(backend: backend)).check().map { finding in
            "\(finding.rule): \(finding.ids) of \(finding.count)"
        }
    }
}
