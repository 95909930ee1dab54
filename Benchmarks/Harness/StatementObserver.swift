package import Storage

/// Sees what services send to a database.
package protocol StatementObserver: Sendable {
    /// Before statements run, in one round trip where there are round trips; on the connection and in the transaction in
    /// which they will.
    func willRun(_ statements: [Statement], _ call: ObservedCall, on db: isolated any StorageConnection) throws

    /// After the body of a transaction, before its commit.
    func willEnd(_ kind: ObservedTransaction, on db: isolated any StorageConnection) throws
}

/// How statements were handed to the connection.
package enum ObservedCall: Sendable {
    case execute
    case pipeline
    /// The commit goes with them.
    case finishing
}

package enum ObservedTransaction: Sendable {
    case read
    case write
    /// Lent without a transaction.
    case none
}
