// Package postgres keeps the promise of eventstore in PostgreSQL 15 or newer.
//
// # Appending
//
// One goroutine per process, the appender, takes the commands that wait (it adds no wait of
// its own: the commit before is the wait) and records them as one batch in one transaction.
// Any number of processes may do so on one database.
//
// The fast path is one round trip: the log's advisory lock, then the inserts, each guarding
// one thing the decision relied on, in one implicit transaction. The row of the batch ledger
// selects its predecessor, so that a batch decided on any other head than the present one
// fails as a whole. The careful path, for a batch that hit a guard, is one transaction of two
// round trips: it takes the lock, reads what the commands ask about, decides again and
// inserts the same way. Lock and reads are statements of their own, because under READ
// COMMITTED each statement sees what was committed when it began; other isolation is refused.
//
// # Outcomes
//
// When a connection breaks between sending a batch and hearing of its commit, the appender
// settles the matter itself: under the log's lock it looks the command ids up, and it moves
// the head of the log, so that a copy of the batch that still travels can never be recorded
// later. A caller hears ErrUnavailable only when that takes longer than Options.Patience or
// than his context lives.
//
// # Contexts
//
// A context that ends while its command still waits in the queue takes the command back.
// Later it only ends the waiting: the command may be recorded or not. Either way Append
// answers ErrUnavailable, and the same command id, sent again, settles it.
//
// # Life
//
// New reads the log's head. Run appends and follows until its context ends; then it records
// what is queued, for at most five seconds, and refuses the rest and all that comes after
// with ErrUnavailable. There is no Close: the pool is the caller's, and Run closes the three
// connections of its own (appender, follower, announcer). Reads need no Run; an Append before
// it waits for it.
//
// # Following
//
// What this process commits reaches its followers from memory. What others commit is
// announced with NOTIFY, after the commit and on a connection of its own, so that no append
// waits for it; and every process looks by itself every 250 ms, because an announcement is a
// hint and nothing more.
package postgres
