import TestDatabases
import Testing

@Suite struct TestServerTests {
    @Test func isThereOrSaidToBeSkipped() {
        if !TestServer.isExpected {
            print("skipped: the tests on PostgreSQL (run `scripts/postgres swift test`)")
        }
        #expect(!TestServer.isExpected || TestServer.connectionString != nil)
    }
}
