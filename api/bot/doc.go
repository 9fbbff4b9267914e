// Package bot is the face for people on the street: a Telegram bot.
//
// Promises. No update is lost and none is acted on twice: it stands in the
// inbox (Postgres) before Telegram is told that it was received, workers handle
// the updates of a chat strictly in the order of receipt, and every order
// carries a command id made of (bot, update, step), which the event store
// accepts once. When Postgres is away the bot says so, and the update stays with
// Telegram or in the inbox until it is back.
//
// Identity is the numeric account, looked up through the vault's blind index;
// never a name. The bot acts in private chats only and ignores what was
// forwarded or written by bots. Buttons carry an opaque number that is good
// once, for one account in one chat. The inbox keeps of an update what is
// needed to handle it and nothing else.
//
// Messages go through an outbox with a key each, so that handling an update
// twice answers it once. Telegram itself has no such key: a message that it
// took just before a crash may be seen twice, never an order.
//
// Texts for people stand in texto.go and name a Tarea by codigo and titulo,
// never the personal data of somebody else.
package bot
