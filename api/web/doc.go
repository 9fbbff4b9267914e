// Package web serves the dashboard and the rendered API contract, both built
// from ui/ and embedded in the binary: no file of theirs comes from elsewhere,
// and they work on a machine without internet.
//
// It promises that
//   - a file with a hash in its name may be kept by browsers for ever, and every
//     page is asked for again, so that a new binary shows at the next reload;
//   - text travels in the brotli or gzip copy made at build time: nothing is
//     compressed while somebody waits;
//   - every answer carries a content policy that lets the page talk to its own
//     origin only, run no inline script, and stand in no frame;
//   - only addresses that can be pages fall back to the dashboard: an unknown
//     path below /api stays unknown.
//
// A binary built without the assets (plain `go build` on a clean clone) answers
// with a page that says how to build them; Built reports which one this is.
//
// May import echo and the standard library.
package web
