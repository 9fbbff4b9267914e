package bot

import "time"

// FailAt plants a crash: the step that reaches a point ends as if it were killed there.
func (b *Bot) FailAt(fail func(point string) error) { b.fail = fail }

// TellAfter is how long a call for help waits for a read model that is behind.
func (b *Bot) TellAfter(late time.Duration) { b.late = late }

// SayAt stops the clock that texts are told by.
func (b *Bot) SayAt(now time.Time) { b.now = func() time.Time { return now } }
