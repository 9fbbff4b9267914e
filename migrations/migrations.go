// Package migrations holds the database schema as numbered SQL files, 001 to N without a
// gap, each applied once and never edited afterwards. Tern reads them through FS.
//
// The files may rely on what the operator provides beforehand (ops/local/roles.sql): the
// extension postgis, and the group roles gad_aplicacion and gad_notario to grant to.
package migrations

import "embed"

// FS holds the files NNN_*.sql.
//
//go:embed *.sql
var FS embed.FS
