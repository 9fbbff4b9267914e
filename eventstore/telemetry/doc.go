// Package telemetry is the log of positions: three orders of magnitude more
// rows than facts, kept apart from them and bound to them by seals.
//
// It promises that
//
//   - fixes that AppendFixes acknowledged survive kill -9 of any process and loss of power;
//   - batches are numbered 1..N without gaps and become visible in that order,
//     whichever process wrote them: a reader that remembers its batch misses nothing;
//   - a commit without an answer is settled by asking the ledger, under the lock,
//     before anything else is written and before DeviceTimes, Stored, Jumps or LastFix
//     answer: no fix is stored twice by this package, and none is acknowledged
//     that is not there;
//   - Verify finds every fix that was added or changed, and every leaf or batch
//     that was added, changed or removed: a batch has a Merkle root, the roots are
//     chained in the ledger, and the Sealer puts a root over all leaves into the
//     log of facts every minute. A leaf is SHA-256(0x00 || 16-byte salt || record),
//     record as in leaf.go. Leaves outlive the rows, which may be erased or dropped
//     with their day: rows that are gone are counted, to be held against what was
//     erased by rule.
//
// One goroutine per process writes: what arrives while a commit runs goes into
// the next one (group commit), and commits follow each other no faster than
// Options.Pace, so that the ledger stays small. Processes take turns by an
// advisory lock. Start a Store with Run; without it nothing is written and
// followers wait for ever.
//
// It may import pgx, x/mod/sumdb/tlog, the domain and the event store port.
package telemetry
