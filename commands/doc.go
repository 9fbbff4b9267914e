// Package commands runs orders: load, decide, append, and again when a race was lost.
//
// The Dispatcher is the one door. Every face (REST, bot, command line,
// policies) hands it an Order and gets an Answer or a fault; authorisation,
// idempotency, observation and the retry of lost races happen here and nowhere
// else. An Order may hold several commands and touch several streams: what it
// comes to is appended as a whole or not at all.
//
// States come from a bounded cache that Run keeps level with the log. A stale
// state is harmless: the append names the versions it was decided on, and a
// refused append reads again.
package commands
