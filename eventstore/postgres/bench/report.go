package bench

import (
	"context"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// report takes the median round of each cell and holds the bars against them.
func (r *run) report(ctx context.Context) (Report, error) {
	var report Report
	err := r.pool.QueryRow(ctx, `
		select format('PostgreSQL %s, fsync=%s, synchronous_commit=%s', current_setting('server_version'),
		              current_setting('fsync'), current_setting('synchronous_commit')),
		       (select last from eventos.batches order by batch desc limit 1)`).Scan(&report.Server, &report.Events)
	if err != nil {
		return Report{}, fmt.Errorf("describe the server: %w", err)
	}
	cell := func(kind string, n int) Cell { return median(r.cells[Cell{Kind: kind, InFlight: n}]) }
	for _, key := range r.order {
		report.Cells = append(report.Cells, cell(key.Kind, key.InFlight))
	}
	insert := cell("insert", 64).Rate
	report.Bars = []Bar{
		{Name: "append at 64 / INSERT at 64", Got: cell("append", 64).Rate / insert, Want: 1.2},
		{Name: "append at 512 / INSERT at 64", Got: cell("append", 512).Rate / insert, Want: 2.0},
		{Name: "p50 of append at 1 / INSERT at 1", Got: cell("append", 1).P50 / cell("insert", 1).P50, Want: 2.5, Most: true},
		{Name: "append at 64, full log / empty log", Got: cell("append_full", 64).Rate / cell("append", 64).Rate, Want: 0.8},
		{Name: "events read per second", Got: cell("read", 1).Rate, Want: 200_000},
	}
	for i := range report.Bars {
		b := &report.Bars[i]
		b.OK = b.Got >= b.Want != b.Most || b.Got == b.Want
	}
	return report, nil
}

// median returns the round with the median rate.
func median(rounds []Cell) Cell {
	if len(rounds) == 0 {
		return Cell{}
	}
	sorted := slices.SortedFunc(slices.Values(rounds), func(a, b Cell) int {
		switch {
		case a.Rate < b.Rate:
			return -1
		case a.Rate > b.Rate:
			return 1
		}
		return 0
	})
	return sorted[len(sorted)/2]
}

// OK reports whether every bar was reached.
func (r Report) OK() bool {
	return !slices.ContainsFunc(r.Bars, func(b Bar) bool { return !b.OK })
}

// kinds are the cells in people's words.
var kinds = map[string]string{
	"append":      "append, 1 event per command",
	"append_full": "append, full log",
	"insert":      "INSERT, autocommit",
	"copy":        "COPY, 5000 rows",
	"read":        "read the log",
}

// WriteTable writes the report for people.
func (r Report) WriteTable(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(tw, "%s; %d events in the log at the end\n\n", r.Server, r.Events)
	_, _ = fmt.Fprint(tw, "what\tin flight\tevents/s\tp50 ms\tp95 ms\tp99 ms\tcpu us\tserver cpu us\n")
	for _, c := range r.Cells {
		times := "\t\t"
		if c.P50 > 0 {
			times = fmt.Sprintf("%.3f\t%.3f\t%.3f", c.P50, c.P95, c.P99)
		}
		_, _ = fmt.Fprintf(tw, "%s\t%d\t%.0f\t%s\t%.1f\t%.1f\n", kinds[c.Kind], c.InFlight, c.Rate, times, c.CPU, c.ServerCPU)
	}
	_, _ = fmt.Fprint(tw, "\nbar\tmeasured\twanted\t\n")
	for _, b := range r.Bars {
		sign, verdict := ">=", "reached"
		if b.Most {
			sign = "<="
		}
		if !b.OK {
			verdict = "MISSED"
		}
		_, _ = fmt.Fprintf(tw, "%s\t%.4g\t%s %.6g\t%s\n", b.Name, b.Got, sign, b.Want, verdict)
	}
	return tw.Flush()
}
