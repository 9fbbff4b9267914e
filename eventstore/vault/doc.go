// Package vault keeps the texts that facts only commit to, so that they can be
// erased while the log stays exactly as it was.
//
// It promises that
//
//   - a text is durable exactly when the fact that commits to it is: its row is
//     part of the append's transaction (Queue);
//   - nothing in the database tells a text to whoever does not hold the
//     key-encryption key (KEK), which lives in a file outside of it;
//   - what Reveal returns is what was committed to: rows that were changed, moved
//     between owners or fields, or sealed under another key are reported
//     (ErrDamaged), never returned;
//   - after Erase a text is gone from this database; old backups and WAL follow
//     when the KEK is renewed.
//
// Encryption is AES-256-GCM. A data key is random, wrapped by the KEK, and
// belongs to one owner and one append: since no process ever seals under a key
// it did not just make, two processes cannot disagree about a key and none can
// use one that another has destroyed. Data keys are not cached: unwrapping one
// costs less than a microsecond, and a key that nobody remembers cannot outlive
// its erasure. Additional data binds a data key to its KEK, id and owner, and a
// text to its owner, field and commitment.
//
// Equality of secrets is found by blind index: HMAC-SHA256 under a key of its
// own (IndexKey), which stands in claims in the place of the value.
package vault
