// Package mailbox stands between Telegram and the bot, so that kill -9 at any
// instant loses no update, runs none twice to a different effect, and forgets
// no message.
//
// It promises that
//
//   - an update that Receive returned for is durable, and the same number is taken
//     once: acknowledge to Telegram after Receive, never before;
//   - updates of one chat are handed out one after the other in the order of their
//     receipt, those of different chats side by side, however many workers and
//     processes ask. Taking is a lease: when its holder dies another gets the
//     update again. What an update orders must therefore be idempotent: command
//     id = UUIDv5(bot, update, step), message key likewise; Done comes last;
//   - a message is queued once per key and sent at least once, in order within a
//     chat. Telegram knows no idempotent sending: a kill between its answer and
//     our mark sends that one message again;
//   - link codes and buttons work once, for whom they were made; a repeat by the
//     same account or update, after a kill, gets the first answer.
//
// A holder whose lease ended changes nothing any more when another process took
// over: marks carry the fence of the lease. Bodies are deleted when they are done
// with; Prune forgets old rows.
package mailbox
