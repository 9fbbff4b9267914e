// Package projections keeps read models level with the log.
//
// It promises:
//
//   - A read model is exactly as old as its checkpoint says: rows and checkpoint change in one
//     transaction, over an exact window of positions (p, p+n].
//   - Any number of processes may run the same projection. A lease with a fencing number lets
//     one of them write; whoever lost it cannot.
//   - An event that cannot be applied parks its key (its stream): later events of that key wait
//     behind it in the log, every other key goes on, and an alarm is raised. Nothing is ever
//     skipped unless an operator orders it, and the order is recorded first.
//   - An event newer than this build stops the projection at the position before it.
//   - A rebuild happens beside the living tables and takes their place in one transaction,
//     after both had the same digest at the same position.
//   - A question finds what its Scope reaches and nothing else, twice over: by the condition in
//     the query, and by row-level security. For this every reader holds a Reads, never a pool,
//     and asks through Reads.Query, QueryRow or Snapshot, which take the Scope.
//
// A new table of lectura calls eventos.muro(table, condition) in its migration, with the
// condition under which a row is eventos.propio()'s own (see 008_muro.sql), and says the same
// in wall_test.go; without it every question is refused.
//
// The package that writes a read model is the only one that reads it; the tables of a sibling
// may be joined where one answer needs both (a marker and whose it is). Imports: the standard
// library, domain, the port eventstore, pgx, go-redis (tablero only) and prometheus.
package projections
