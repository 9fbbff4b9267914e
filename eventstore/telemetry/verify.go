package telemetry

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/grupo-gad/gad/domain/operacion"
	"github.com/grupo-gad/gad/eventstore"
)

// Report is what Verify found in order.
type Report struct {
	Head   eventstore.Batch // batches 1..Head
	Fixes  int64            // stored ever
	Erased int64            // of them, whose rows are not there any more
	Seals  int64
	Sealed eventstore.Batch // batches 1..Sealed are under a seal
}

// WrongError names the first batch that is not as it was written.
type WrongError struct {
	Batch eventstore.Batch
	Why   string
}

func (w *WrongError) Error() string { return fmt.Sprintf("telemetry batch %d: %s", w.Batch, w.Why) }

func wrong(b eventstore.Batch, format string, args ...any) error {
	return &WrongError{Batch: b, Why: fmt.Sprintf(format, args...)}
}

// verifyChunk is in batches.
const verifyChunk = 200

// Verify recomputes the ledger, the leaves and the seals of the telemetry log
// from what is stored, as of one instant. seals are all facts
// operacion.TelemetriaSellada in log order. The error is a *WrongError for the first
// batch that does not hold. progress, which may be nil, is told the batch reached.
//
// Rows that are missing are counted, not refused: their leaves still stand. An
// auditor compares the count with what was erased and dropped by rule.
func Verify(ctx context.Context, pool *pgxpool.Pool, seals iter.Seq2[operacion.TelemetriaSellada, error],
	progress func(done, head eventstore.Batch),
) (Report, error) {
	var report Report
	err := pgx.BeginTxFunc(ctx, pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) (err error) {
		report, err = verify(ctx, tx, seals, progress)
		return err
	})
	if w, ok := errors.AsType[*WrongError](err); ok {
		return report, w
	}
	if err != nil {
		return report, fmt.Errorf("verify the telemetry log: %w", err)
	}
	return report, nil
}

func verify(ctx context.Context, tx pgx.Tx, seals iter.Seq2[operacion.TelemetriaSellada, error], progress func(done, head eventstore.Batch)) (Report, error) {
	next, stop := iter.Pull2(seals)
	defer stop()
	v := &verifier{nextSeal: next}
	err := v.run(ctx, tx, progress)
	return v.report, err
}

type verifier struct {
	report   Report
	chain    tlog.Hash // of the last batch verified
	nextSeal func() (operacion.TelemetriaSellada, error, bool)

	seal   operacion.TelemetriaSellada
	open   bool        // seal is the one that the coming batches belong to
	leaves []tlog.Hash // since the last seal
}

func (v *verifier) run(ctx context.Context, tx pgx.Tx, progress func(done, head eventstore.Batch)) error {
	var head, stray eventstore.Batch
	err := tx.QueryRow(ctx, `select coalesce(max(lote), 0) from telemetria.lotes`).Scan(&head)
	if err != nil {
		return err
	}
	if err := v.pullSeal(); err != nil {
		return err
	}
	for v.report.Head < head {
		if err := v.window(ctx, tx); err != nil {
			return err
		}
		if progress != nil {
			progress(v.report.Head, head)
		}
	}
	if v.open {
		return wrong(head+1, "the log of facts holds a seal over batches %d to %d", v.seal.Primero, v.seal.Ultimo)
	}
	// Within the ledger strays were met on the way; these are outside of it.
	err = tx.QueryRow(ctx, `select lote from telemetria.fixes where lote > $1 or lote < 1
		union all select lote from telemetria.hojas where lote > $1 or lote < 1 limit 1`, head).Scan(&stray)
	if err == nil {
		return wrong(stray, "it has rows and is not in the ledger")
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	return err
}

// verifying is a batch whose rows are being compared.
type verifying struct {
	ledgerRow
	day      string
	previous tlog.Hash
	leaves   []tlog.Hash
	seen     int64
}

// window verifies the next batches. What is wrong further on does not hide what
// is wrong before it: the first wrong batch is the one reported.
func (v *verifier) window(ctx context.Context, tx pgx.Tx) error {
	batches, later := v.readLedger(ctx, tx)
	if _, ok := errors.AsType[*WrongError](later); later != nil && !ok {
		return later
	}
	for i := range batches {
		if err := v.ledgerRow(&batches[i]); err != nil {
			batches, later = batches[:i], err
			break
		}
	}
	if len(batches) == 0 {
		return later
	}
	if err := compareRows(ctx, tx, batches); err != nil {
		return err
	}
	for i := range batches {
		b := &batches[i]
		v.report.Head = b.batch
		v.report.Fixes += int64(b.fixes)
		v.report.Erased += int64(b.fixes) - b.seen
		if err := v.under(b); err != nil {
			return err
		}
	}
	return later
}

func (v *verifier) readLedger(ctx context.Context, tx pgx.Tx) ([]verifying, error) {
	rows, err := tx.Query(ctx, `select l.lote, l.dia::text, l.fixes, l.grabado, l.raiz, l.previa, l.cadena, h.hojas
		from telemetria.lotes l left join telemetria.hojas h on h.lote = l.lote and h.dia = l.dia
		where l.lote > $1 order by l.lote limit $2`, v.report.Head, verifyChunk)
	if err != nil {
		return nil, err
	}
	var (
		batches                []verifying
		b                      verifying
		raiz, previa, cad, hoj []byte
		expected               = v.report.Head + 1
	)
	_, err = pgx.ForEachRow(rows, []any{&b.batch, &b.day, &b.fixes, &b.recorded, &raiz, &previa, &cad, &hoj}, func() error {
		if b.batch != expected {
			return wrong(expected, "it is missing from the ledger")
		}
		expected++
		if len(raiz) != tlog.HashSize || len(previa) != tlog.HashSize || len(cad) != tlog.HashSize {
			return wrong(b.batch, "its ledger row was changed")
		}
		b.root, b.previous, b.chain = tlog.Hash(raiz), tlog.Hash(previa), tlog.Hash(cad)
		if b.leaves, err = splitLeaves(hoj, b.fixes); err != nil {
			return wrong(b.batch, "%s", err)
		}
		batches = append(batches, b)
		return nil
	})
	return batches, err
}

// ledgerRow verifies what a batch says of itself and of the one before.
func (v *verifier) ledgerRow(b *verifying) error {
	switch {
	case b.previous != v.chain:
		return wrong(b.batch, "it does not follow the batch before it")
	case b.day != day(b.recorded).Format("2006-01-02"):
		return wrong(b.batch, "it stands under another day than it was recorded on")
	case root(append([]tlog.Hash(nil), b.leaves...)) != b.root:
		return wrong(b.batch, "its leaves do not have the root in the ledger")
	case chain(b.previous, b.ledgerRow) != b.chain:
		return wrong(b.batch, "its ledger row was changed")
	}
	v.chain = b.chain
	return nil
}

// compareRows computes the leaf of every row of these batches.
func compareRows(ctx context.Context, tx pgx.Tx, batches []verifying) error {
	first, last := batches[0].batch, batches[len(batches)-1].batch
	rows, err := tx.Query(ctx, `select lote, fila, dia::text, sal, efectivo, turno, en, recibido, lat, lon, precision_m, velocidad, rumbo, fuente, marcas, simulado
		from telemetria.fixes where lote between $1 and $2 order by lote, fila`, first, last)
	if err != nil {
		return err
	}
	var (
		lote eventstore.Batch
		fila int
		dia  string
		salt []byte
	)
	f, targets := newScan()
	_, err = pgx.ForEachRow(rows, append([]any{&lote, &fila, &dia, &salt}, targets...), func() error {
		b := &batches[lote-first]
		if fila < 0 || fila >= b.fixes || dia != b.day || len(salt) != saltSize {
			return wrong(lote, "row %d of day %s was added", fila, dia)
		}
		r := row{fix: f.value(), efectivo: f.efectivo, turno: f.turno, salt: [saltSize]byte(salt)}
		if leaf(lote, fila, &r) != b.leaves[fila] {
			return wrong(lote, "row %d was changed", fila)
		}
		b.seen++
		return nil
	})
	return err
}

// under adds a verified batch to its seal and compares the seal when it is the last one.
func (v *verifier) under(b *verifying) error {
	if !v.open {
		return nil // not sealed yet
	}
	v.leaves = append(v.leaves, b.leaves...)
	if int64(b.batch) < v.seal.Ultimo {
		return nil
	}
	if n := int64(len(v.leaves)); n != v.seal.Fixes {
		return wrong(eventstore.Batch(v.seal.Primero), "the seal up to batch %d counts %d fixes, the ledger %d", v.seal.Ultimo, v.seal.Fixes, n)
	}
	if got := root(v.leaves); hexHash(got) != v.seal.Raiz {
		return wrong(eventstore.Batch(v.seal.Primero), "the leaves up to batch %d do not have the root that was sealed", v.seal.Ultimo)
	}
	v.leaves = v.leaves[:0]
	v.report.Seals++
	v.report.Sealed = b.batch
	return v.pullSeal()
}

// pullSeal takes the next seal, which must begin where the last one ended.
func (v *verifier) pullSeal() error {
	seal, err, ok := v.nextSeal()
	if v.open = ok; !ok {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the seals: %w", err)
	}
	if eventstore.Batch(seal.Primero) != v.report.Sealed+1 || seal.Ultimo < seal.Primero {
		return wrong(v.report.Sealed+1, "the next seal is over batches %d to %d", seal.Primero, seal.Ultimo)
	}
	v.seal = seal
	return nil
}
