package rest

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"github.com/grupo-gad/gad/api/problem"
	"github.com/grupo-gad/gad/commands"
	"github.com/grupo-gad/gad/domain/fault"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/tarea"
	"github.com/grupo-gad/gad/eventstore"
	"github.com/grupo-gad/gad/projections/tareas"
)

// Contents keeps what is attached, under its SHA-256; ops/blob does.
type Contents interface {
	// Put reads a content to its end and keeps it whole, or not at all.
	Put(ctx context.Context, content io.Reader) (sha256 string, size int64, err error)
	// Open returns a content, or an error that is fs.ErrNotExist. Reading one that is not
	// what was put fails before its end.
	Open(ctx context.Context, sha256 string) (io.ReadCloser, error)
}

// Attachments are the bounds of what may be attached.
type Attachments struct {
	MaxBytes int64    // of one file; 0 means 10 MiB
	Types    []string // as the content looks; empty means DefaultTypes
}

// DefaultTypes are those that people send from the street and from an office.
func DefaultTypes() []string {
	return []string{
		"image/jpeg", "image/png", "image/gif", "image/webp", "image/heic", "application/pdf", "text/plain",
		"audio/mpeg", "audio/wave", "application/ogg", "video/mp4", "video/webm", "video/quicktime", "application/zip",
	}
}

const (
	// limitEnvelope is what may stand around a file in its body.
	limitEnvelope = 16 << 10
	// transfersAtOnce bounds the files on their way in or out of one process.
	transfersAtOnce = 32
	transferTime    = 10 * time.Minute // for one file altogether
	transferStall   = 30 * time.Second // that the other side may stand still

	adjuntosPath = prefix + "/tareas/:id/adjuntos"
)

var (
	errTransferencias = fault.New(fault.Limited, "transferencias_en_curso", "hay demasiados archivos en camino; pruebe de nuevo en un momento")
	errContenido      = fault.New(fault.Unavailable, "adjunto_no_disponible", "el contenido del adjunto no está disponible ahora")
	errFormulario     = &problem.Error{Status: http.StatusUnsupportedMediaType, Fault: fault.New(fault.Invalid, "formulario_esperado",
		"el archivo se envía como multipart/form-data, en un solo campo llamado archivo")}
	errTipoDeArchivo = &problem.Error{Status: http.StatusUnsupportedMediaType, Fault: fault.New(fault.Invalid, "tipo_de_archivo_no_admitido",
		"ese tipo de archivo no se puede adjuntar")}
)

// transfer takes one of the few places there are and gives the other side the time it needs.
func (a *API) transfer(r *request) (ctx context.Context, done func(), err error) {
	select {
	case a.transfers <- struct{}{}:
	default:
		return nil, nil, errTransferencias
	}
	ctx, cancel := context.WithTimeout(r.Request().Context(), transferTime)
	return ctx, func() { cancel(); <-a.transfers }, nil
}

// adjuntar serves POST /tareas/{id}/adjuntos. Nothing is stored for somebody who may not
// attach; what is stored when the order fails after all is swept one day.
func (a *API) adjuntar(r *request) error {
	if a.Contents == nil {
		return errContenido
	}
	id, err := a.tareaID(r)
	if err != nil {
		return err
	}
	ctx, done, err := a.transfer(r)
	if err != nil {
		return err
	}
	defer done()
	state, err := a.Orders.Tarea(ctx, id)
	if err == nil {
		err = state.Anotable(r.who.Autor)
	}
	if err != nil {
		return err
	}
	f, err := a.receive(ctx, r)
	if err != nil {
		return err
	}
	// What the order was is told by the name and the content: a repetition sends both again.
	r.body = []byte(f.nombre + "\x00" + f.sha256)
	adjunto := uuid.Must(uuid.NewV7()).String()
	return a.add(r, tarea.AgregarAdjunto{
		Orden: tarea.Orden{ID: id, Por: r.who.Autor, En: r.now}, Adjunto: ident.Adjunto(adjunto),
		Nombre: commands.Seal(string(id), "adjunto", f.nombre), Tipo: f.tipo, Tamano: f.tamano, SHA256: f.sha256,
	}, adjunto, "adjuntos", func(rec eventstore.Recorded) string {
		e, _ := rec.Event.(tarea.AdjuntoAgregado)
		return string(e.Adjunto)
	})
}

// archivo is a file that was received and kept.
type archivo struct {
	nombre, tipo, sha256 string
	tamano               int64
}

// receive takes the one file of a form in, as it comes.
func (a *API) receive(ctx context.Context, r *request) (f archivo, err error) {
	kind, params, err := mime.ParseMediaType(r.Request().Header.Get(echo.HeaderContentType))
	if err != nil || kind != echo.MIMEMultipartForm || params["boundary"] == "" {
		return f, errFormulario
	}
	limit := a.Settings.Attachments.MaxBytes
	body := slow{r.Request().Body, http.NewResponseController(r.Response().Writer)}
	form := multipart.NewReader(body, params["boundary"])
	part, err := form.NextPart()
	switch {
	case errors.Is(err, io.EOF):
		return f, errFormulario
	case err != nil:
		return f, received(err)
	case part.FormName() != "archivo" || part.FileName() == "":
		return f, errFormulario
	}
	if f.nombre, err = fileName(part.FileName()); err != nil {
		return f, err
	}
	content := bufio.NewReader(&capped{ReadCloser: part, left: limit})
	head, err := content.Peek(512)
	switch {
	case len(head) == 0 && errors.Is(err, io.EOF):
		return f, tarea.ErrDatos.With(fault.Field{Name: "archivo", Message: "está vacío"})
	case err != nil && !errors.Is(err, io.EOF):
		return f, received(err)
	}
	if f.tipo = looksLike(head); !slices.Contains(a.Settings.Attachments.Types, f.tipo) {
		return f, errTipoDeArchivo.With(fault.Field{Name: "archivo", Message: "parece " + f.tipo + "; se admiten " + strings.Join(a.Settings.Attachments.Types, ", ")})
	}
	// A failure to read is the sender's, one to keep is ours.
	source := &failing{Reader: content}
	if f.sha256, f.tamano, err = a.Contents.Put(ctx, source); err != nil {
		if source.err != nil {
			return f, received(source.err)
		}
		return f, errContenido.Because(err)
	}
	if _, err := form.NextPart(); !errors.Is(err, io.EOF) {
		if err != nil {
			return f, received(err)
		}
		return f, errFormulario
	}
	body.extend() // the answer has its own time
	return f, nil
}

// received translates what goes wrong with a body on its way.
func received(err error) error {
	if errors.Is(err, problem.ErrGrande.Fault) {
		return problem.ErrGrande
	}
	return problem.ErrPeticion.Because(err)
}

// fileName is what the sender calls the file, without the folders of his machine.
func fileName(given string) (string, error) {
	if !utf8.ValidString(given) {
		return "", problem.ErrPeticion.With(fault.Field{Name: "archivo", Message: "su nombre no es UTF-8"})
	}
	given = given[strings.LastIndexAny(given, `/\`)+1:]
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) { // "exe.gpj" is not to read "jpg.exe"
			return -1
		}
		return c
	}, given)), nil
}

// looksLike is the type of a content by its first bytes, whatever its sender said.
func looksLike(head []byte) string {
	if len(head) >= 12 && string(head[4:8]) == "ftyp" {
		switch brand := string(head[8:12]); {
		case slices.Contains([]string{"heic", "heix", "hevc", "mif1", "msf1"}, brand):
			return "image/heic"
		case brand == "qt  ":
			return "video/quicktime"
		case slices.Contains([]string{"isom", "iso2", "iso4", "iso5", "iso6", "avc1", "M4V ", "M4A ", "3gp4", "3gp5", "dash"}, brand):
			return "video/mp4"
		}
	}
	kind, _, _ := strings.Cut(http.DetectContentType(head), ";")
	return kind
}

// adjunto serves GET /tareas/{id}/adjuntos/{adjunto} to whoever may read the Tarea. It comes
// as a download, never as a page of ours.
func (a *API) adjunto(r *request) error {
	want, err := pathID[ident.Adjunto](r, "adjunto")
	if err != nil {
		return err
	}
	name, err := tareaName(r)
	if err != nil {
		return err
	}
	if err := a.await(r, tareas.Name); err != nil {
		return err
	}
	if a.Contents == nil {
		return errContenido
	}
	ctx, done, err := a.transfer(r)
	if err != nil {
		return err
	}
	defer done()
	t, err := a.Tareas.Completa(ctx, r.scope(), name)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(t.Adjuntos, func(x tareas.Adjunto) bool { return x.ID == want })
	if i < 0 {
		return tarea.ErrSinAdjunto
	}
	return a.download(ctx, r, t.Adjuntos[i])
}

func (a *API) download(ctx context.Context, r *request, f tareas.Adjunto) error {
	h := r.Response().Header()
	if strings.Contains(r.Request().Header.Get("If-None-Match"), f.SHA256) {
		h.Set("ETag", `"`+f.SHA256+`"`)
		return r.NoContent(http.StatusNotModified)
	}
	content, err := a.Contents.Open(ctx, f.SHA256)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			a.Logger.ErrorContext(ctx, "the content of an attachment is missing", slog.String("adjunto", string(f.ID)), slog.String("sha256", f.SHA256))
		}
		return errContenido.Because(err)
	}
	defer func() { _ = content.Close() }()
	h.Set("ETag", `"`+f.SHA256+`"`)
	h.Set(echo.HeaderContentType, f.Tipo)
	h.Set(echo.HeaderContentLength, strconv.FormatInt(f.Tamano, 10))
	h.Set(echo.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": f.Nombre}))
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	if raw, err := hex.DecodeString(f.SHA256); err == nil {
		h.Set("Repr-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(raw)+":")
	}
	r.Response().WriteHeader(http.StatusOK)
	if _, err := io.Copy(patient{r.Response(), http.NewResponseController(r.Response().Writer)}, content); err != nil {
		// Too late for a problem; a cut connection says that the file is not whole.
		a.Logger.WarnContext(ctx, "download cut short", slog.String("adjunto", string(f.ID)), slog.Any("error", err))
		panic(http.ErrAbortHandler)
	}
	return nil
}

// slow is a body whose sender has time for each piece. Where the connection knows no
// deadlines the server's own stay.
type slow struct {
	io.Reader
	control *http.ResponseController
}

// Read implements io.Reader.
func (s slow) Read(p []byte) (int, error) {
	s.extend()
	return s.Reader.Read(p)
}

func (s slow) extend() {
	_ = s.control.SetReadDeadline(time.Now().Add(transferStall))
	_ = s.control.SetWriteDeadline(time.Now().Add(transferStall))
}

// failing remembers how reading failed.
type failing struct {
	io.Reader
	err error
}

// Read implements io.Reader.
func (f *failing) Read(b []byte) (int, error) {
	n, err := f.Reader.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		f.err = err
	}
	return n, err
}
