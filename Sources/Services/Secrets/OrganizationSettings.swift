internal import Model
internal import QueryBuilder

/// Which secrets and variables of an organization a repository may use.
enum OrganizationSettings {
    /// Of a table that is named `s`. `grant` finds the row of the grant to that repository.
    static func visible(_ organization: Int64, to repository: RepositoryID, grant: Select) -> SQL {
        let isPublic = Select("1 AS one").from("actions_repositories AS p").where("p.id = \(repository)")
            .and("p.visibility = 'public'")
        return """
            s.organization_id = \(organization) AND (s.visibility = 'all' OR (s.visibility = 'private'
            AND NOT EXISTS \(isPublic)) OR (s.visibility = 'selected' AND EXISTS \(grant)))
            """
    }
}
