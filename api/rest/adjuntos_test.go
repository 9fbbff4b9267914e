package rest_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"github.com/grupo-gad/gad/api/rest"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/ops/blob"
)

var png = append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte("pixel"), 1000)...)

// form is a body of files, each under a field.
func form(t *testing.T, parts ...[3]string) ([]byte, option) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, p := range parts {
		h := textproto.MIMEHeader{"Content-Type": {"text/html"}} // whatever the sender says
		h.Set("Content-Disposition", mime.FormatMediaType("form-data", map[string]string{"name": p[0], "filename": p[1]}))
		part, err := w.CreatePart(h)
		must(t, err)
		_, err = part.Write([]byte(p[2]))
		must(t, err)
	}
	must(t, w.Close())
	return body.Bytes(), header("Content-Type", w.FormDataContentType())
}

func (c client) attach(path, name string, content []byte, options ...option) answer {
	c.w.t.Helper()
	body, kind := form(c.w.t, [3]string{"archivo", name, string(content)})
	return c.send(http.MethodPost, path+"/adjuntos", body, append(options, kind)...)
}

// attachments is a world that keeps contents in a directory.
func attachments(t *testing.T) (*world, string) {
	t.Helper()
	root := t.TempDir()
	kept, err := blob.OpenDir(root)
	must(t, err)
	return newWorld(t, func(d *rest.Deps) {
		d.Contents, d.Settings.Attachments.MaxBytes = kept, 64<<10
	}), root
}

func TestAttachments(t *testing.T) {
	t.Parallel()
	w, root := attachments(t)
	boss, auditor, stranger := w.user(permiso.Supervisor), w.user(permiso.Auditor), w.user(permiso.Efectivo)
	path := "/api/v1/tareas/" + boss.tarea()
	secret := "choque ñandú " + uuid.NewString()[:8] + ".png"

	key := header("Idempotency-Key", "foto-1")
	made := boss.attach(path, `C:\fotos\`+secret, png, key).want(http.StatusCreated)
	again := boss.attach(path, `C:\fotos\`+secret, png, key).want(http.StatusCreated)
	id := made.text("id")
	if id == "" || id != again.text("id") || again.object()["repetida"] != true {
		t.Errorf("repeated: %s, %s", made.raw, again.raw)
	}
	boss.attach(path, "otra.png", png, key).refused(http.StatusUnprocessableEntity, "comando_reutilizado")

	read := boss.call("GET", path, nil, made.at()).want(http.StatusOK).list("adjuntos")
	if len(read) != 1 {
		t.Fatalf("adjuntos %v", read)
	}
	sum := sha256.Sum256(png)
	hash := hex.EncodeToString(sum[:])
	if f := read[0].(map[string]any); f["id"] != id || f["nombre"] != secret || f["tipo"] != "image/png" || f["tamano"] != float64(len(png)) || f["sha256"] != hash {
		t.Errorf("adjunto %v", f)
	}

	at := made.header.Get("Location")
	got := boss.call("GET", at, nil, made.at()).want(http.StatusOK)
	kind, params, err := mime.ParseMediaType(got.header.Get("Content-Disposition"))
	must(t, err)
	if !bytes.Equal(got.raw, png) || kind != "attachment" || params["filename"] != secret || got.header.Get("Content-Type") != "image/png" ||
		got.header.Get("X-Content-Type-Options") != "nosniff" || got.header.Get("ETag") != `"`+hash+`"` || got.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d bytes, %v", len(got.raw), got.header)
	}
	boss.call("GET", at, nil, header("If-None-Match", got.header.Get("ETag"))).want(http.StatusNotModified)

	// As of the Tarea: who may not read it does not learn that it has something attached.
	auditor.call("GET", at, nil).refused(http.StatusForbidden, "prohibido")
	stranger.call("GET", at, nil).refused(http.StatusNotFound, "tarea_no_existe")
	stranger.attach(path, "a.png", png).refused(http.StatusNotFound, "tarea_no_existe")
	auditor.attach(path, "a.png", png).refused(http.StatusForbidden, "prohibido")
	client{w: w}.attach(path, "a.png", png).refused(http.StatusUnauthorized, "sin_identificacion")
	boss.call("GET", path+"/adjuntos/"+uuid.NewString(), nil).refused(http.StatusNotFound, "adjunto_no_existe")

	// The name is nowhere in the log.
	var seen int
	must(t, w.pool.QueryRow(t.Context(), `select count(*) from eventos.log where position(convert_to($1, 'UTF8') in payload) > 0`, secret).Scan(&seen))
	if seen != 0 {
		t.Errorf("%d facts have the name", seen)
	}

	// What was changed behind the store's back is not delivered whole; what is missing says so.
	file := filepath.Join(root, hash[:2], hash)
	must(t, os.WriteFile(file, append(png[:len(png)-1:len(png)-1], '!'), 0o600))
	r := boss.request("GET", at, nil)
	resp, err := http.DefaultClient.Do(r)
	if err == nil {
		_, err = bytes.NewBuffer(nil).ReadFrom(resp.Body)
		_ = resp.Body.Close()
	}
	if err == nil {
		t.Error("a changed file was delivered")
	}
	must(t, os.Remove(file))
	boss.call("GET", at, nil).refused(http.StatusServiceUnavailable, "adjunto_no_disponible")
}

func TestBadAttachments(t *testing.T) {
	t.Parallel()
	w, root := attachments(t)
	boss := w.user(permiso.Supervisor)
	path := "/api/v1/tareas/" + boss.tarea()
	before := w.head()

	boss.attach(path, "grande.png", append(png, make([]byte, 64<<10)...)).refused(http.StatusRequestEntityTooLarge, "cuerpo_demasiado_grande")
	boss.attach(path, "enorme.png", append(png, make([]byte, 10<<20)...)).refused(http.StatusRequestEntityTooLarge, "cuerpo_demasiado_grande")
	boss.attach(path, "vacio.png", nil).refused(http.StatusUnprocessableEntity, "tarea_datos_invalidos")
	for name, content := range map[string]string{
		"pagina.png": "<html><script>alert(1)</script>", "dibujo.png": `<?xml version="1.0"?><svg/>`, "programa.png": "\x7fELF\x02\x01\x01\x00",
	} {
		boss.attach(path, name, []byte(content)).refused(http.StatusUnsupportedMediaType, "tipo_de_archivo_no_admitido")
	}
	boss.attach("/api/v1/tareas/"+uuid.NewString(), "a.png", png).refused(http.StatusNotFound, "tarea_no_existe")
	boss.send("POST", path+"/adjuntos", []byte(`{}`), header("Content-Type", "application/json")).refused(http.StatusUnsupportedMediaType, "formulario_esperado")
	boss.send("POST", path+"/adjuntos", png, header("Content-Type", "multipart/form-data")).refused(http.StatusUnsupportedMediaType, "formulario_esperado")
	for _, parts := range [][][3]string{
		{},
		{{"otro", "a.png", string(png)}},
		{{"archivo", "", string(png)}},
		{{"archivo", "a.png", string(png)}, {"archivo", "b.png", string(png)}},
	} {
		body, kind := form(t, parts...)
		boss.send("POST", path+"/adjuntos", body, kind).refused(http.StatusUnsupportedMediaType, "formulario_esperado")
	}
	whole, kind := form(t, [3]string{"archivo", "a.png", string(png)})
	for _, n := range []int{1000, len(whole) - 5} {
		boss.send("POST", path+"/adjuntos", whole[:n], kind).refused(http.StatusBadRequest, "peticion_invalida")
	}
	boss.attach(path, fmt.Sprintf("%0300d.png", 1), png).refused(http.StatusUnprocessableEntity, "tarea_datos_invalidos")
	if w.head() != before {
		t.Error("something was recorded")
	}
	left, err := os.ReadDir(filepath.Join(root, "tmp"))
	must(t, err)
	if len(left) != 0 {
		t.Errorf("%d temporary files are left", len(left))
	}
}

// TestContentTypes: what phones send is known by its first bytes.
func TestContentTypes(t *testing.T) {
	t.Parallel()
	for head, want := range map[string]string{
		"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1": "image/heic", "\x00\x00\x00\x14ftypqt  \x00\x00": "video/quicktime",
		"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00": "video/mp4", "%PDF-1.7\n": "application/pdf", "hola, señora\n": "text/plain",
		"PK\x03\x04": "application/zip", "\x00\x01\x02\x03": "application/octet-stream", "<svg onload=": "text/plain", "OggS\x00": "application/ogg",
	} {
		if got := rest.LooksLike([]byte(head)); got != want {
			t.Errorf("%q looks like %s, want %s", head, got, want)
		}
	}
}
