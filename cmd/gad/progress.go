package main

import (
	"io"
	"os"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
)

// progress shows how far long work is, on a terminal only: output that goes to
// a file or a program stays clean.
type progress struct{ bar *progressbar.ProgressBar }

func newProgress(cmd *cobra.Command, what string, total int64) progress {
	w := io.Discard
	if f, ok := cmd.ErrOrStderr().(*os.File); ok && isatty.IsTerminal(f.Fd()) {
		w = f
	}
	return progress{progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what),
		progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString("hechos"),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(),
	)}
}

// set moves the bar; what it cannot draw is not worth an error.
func (p progress) set(done int64) { _ = p.bar.Set64(done) }

// report is set for callbacks that learn the total as they go.
func (p progress) report(done, total int64) {
	if p.bar.GetMax64() != total {
		p.bar.ChangeMax64(total)
	}
	p.set(done)
}

func (p progress) done() { _ = p.bar.Finish() }
