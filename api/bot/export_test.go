package bot

// FailAt plants a crash: the step that reaches a point ends as if it were killed there.
func (b *Bot) FailAt(fail func(point string) error) { b.fail = fail }
