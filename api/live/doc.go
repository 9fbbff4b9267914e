// Package live is the live layer: facts and positions over WebSocket.
//
// Promise: a subscriber receives every fact that its topics and permissions
// allow, in log order, without a hole, or is told (resync, or a snapshot where
// deltas were asked). Positions are the newest known, never older than what was
// shown. Every event names the position sent before it (prev), so that a client
// finds a hole by itself.
//
// One Hub per process. Facts come from a Follower (the store of this process, or
// the JetStream consumer of another one); the Hub folds them into a roster (who
// is concerned by what), keeps the last ones in a ring and offers each to every
// session. Positions come as telemetry batches; a tick builds one frame per
// distinct view.
//
// A session has lanes: control and alerts first, then facts, which never drop (a
// reader that lets 1,024 frames or 1 MiB pile up is closed with 4008 and
// resumes), then positions, which are built only while the socket has credit.
//
// Events and alerts carry the payload of a fact without its commitments: no
// personal data and no free text. The rows of a snapshot are those of REST, texts
// and names included, as far as their reader may see them: whoever REST answers
// with "[reservado]" is told the same here (mask.go).
//
// Sockets are melody's, behind transport.go; nothing else knows it. Lock order:
// Hub.mu, session.mu, outbox.mu.
package live
