// Package jetstream carries facts from the log to whoever follows them in
// another process, and never keeps them: the stream may be lost, emptied or
// restored old at any time, and its readers miss nothing and see nothing twice.
//
// One stream per epoch of the log (GAD_1, GAD_2, ...). The sequence of a message
// is the position of its event: a Publisher demands that the stream's last
// sequence is position-1, so that no number of publishers can put an event
// twice, out of order or after a gap. The last sequence is the checkpoint.
//
// A Consumer reads by position. JetStream wakes it and brings the events; holes
// are filled from the log, repeats are dropped, and while NATS is away the log
// itself is followed. Telemetry does the same for batches of positions, over
// core NATS.
//
// Subjects are gad.ev.<aggregate>.<fact> and gad.tel. Messages carry the payload
// of the event as stored: ids, states and commitments, no personal data and no
// free text. The header Gad-Leaf is the event's leaf; readers compare it with
// what they received.
package jetstream
