import RefundDomain
package import RefundStorage

/// What the program asks of PostgreSQL's extension Citus, on one server: its catalogue, and its functions with the
/// rules that they hold tables to.
///
/// It spreads nothing. What a cluster does with the statements can only be seen on one.
package enum CitusStandIn {
    /// Makes it in the schema of a store.
    package static func make(in store: any Store) async throws {
        try await store.write(for: Fixtures.organization.id) { session in
            for statement in statements { try session.execute(statement, []) }
        }
    }

    /// What makes it in the schema that is current.
    package static let statements = [catalogue, groups, distribute, replicate]

    private static let catalogue: SQLText = """
        create table pg_dist_partition (logicalrelid regclass primary key, partmethod "char" not null, partkey text, \
        colocationid integer not null, repmodel "char" not null)
        """

    private static let groups: SQLText = "create sequence colocation_groups"

    /// Refuses what Citus refuses: a table twice, a reference to a table of no or another group, and a key without the
    /// column of the distribution.
    private static let distribute: SQLText = """
        create function create_distributed_table(table_name regclass, distribution_column text, \
        distribution_type text default 'hash', colocate_with text default 'default', shard_count integer default null) \
        returns void language plpgsql as $$
        declare
            colocation integer := nextval('colocation_groups');
        begin
            if colocate_with <> 'none' then
                select colocationid into strict colocation from pg_dist_partition
                where logicalrelid = cast(colocate_with as regclass) and partmethod = 'h';
            end if;
            if exists (select from pg_dist_partition where logicalrelid = table_name) then
                raise exception 'table "%" is already distributed', table_name;
            end if;
            if exists (select from pg_constraint k where k.contype = 'f' and k.conrelid = table_name
                and k.confrelid <> table_name and not exists (select from pg_dist_partition p
                where p.logicalrelid = k.confrelid and (p.colocationid = colocation or p.partmethod = 'n'))) then
                raise exception 'cannot create foreign key constraint since relations are not colocated';
            end if;
            if exists (select from pg_index i where i.indrelid = table_name and i.indisunique and not exists (
                select from pg_attribute a where a.attrelid = table_name and a.attname = distribution_column
                and a.attnum = any (i.indkey))) then
                raise exception 'cannot create constraint on "%"', table_name;
            end if;
            insert into pg_dist_partition values (table_name, 'h', distribution_column, colocation, 's');
        end $$
        """

    private static let replicate: SQLText = """
        create function create_reference_table(table_name regclass) returns void language plpgsql as $$
        begin
            if exists (select from pg_dist_partition where logicalrelid = table_name) then
                raise exception 'table "%" is already distributed', table_name;
            end if;
            insert into pg_dist_partition values (table_name, 'n', null, 0, 't');
        end $$
        """
}
