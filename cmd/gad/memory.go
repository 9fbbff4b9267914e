package main

import (
	"os"
	"runtime/debug"
)

// The roles keep every Efectivo and what is open in memory: some hundred megabytes at ten thousand
// of them, and a collection of that keeps two processors busy for 30 ms, which an emergency may
// have to wait for. Collected a quarter as often, up to a heap at which memory matters more.
const (
	gcPercent   = 400
	memoryLimit = 1 << 30 // bytes; beyond it the collector works as hard as it must
)

// unhurriedCollector sets how much memory is spent on quick answers. GOGC and GOMEMLIMIT say
// otherwise where they are set.
func unhurriedCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
}
