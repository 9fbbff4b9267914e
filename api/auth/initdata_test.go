package auth_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/domain/ident"
	"github.com/grupo-gad/gad/domain/permiso"
)

// seal makes initData as Telegram does, of fields whose order it keeps.
func seal(token string, order []string, fields map[string]string) string {
	key := hmac.New(sha256.New, []byte("WebAppData"))
	key.Write([]byte(token))
	names := slices.Sorted(maps.Keys(fields))
	lines := make([]string, len(names))
	for i, n := range names {
		lines[i] = n + "=" + fields[n]
	}
	mac := hmac.New(sha256.New, key.Sum(nil))
	mac.Write([]byte(strings.Join(lines, "\n")))
	if order == nil {
		order = names
	}
	var pairs []string
	for _, n := range order {
		pairs = append(pairs, url.QueryEscape(n)+"="+url.QueryEscape(fields[n]))
	}
	return strings.Join(append(pairs, "hash="+hex.EncodeToString(mac.Sum(nil))), "&")
}

// vector is one initData and whether it is to be believed.
type vector struct {
	name string
	raw  string
	good bool
}

func vectors(now time.Time) []vector {
	const user = `{"id":279058397,"first_name":"Ana","last_name":"Paz","username":"ana","language_code":"es","is_premium":true}`
	at := func(d time.Duration) string { return fmt.Sprint(now.Add(d).Unix()) }
	base := map[string]string{"query_id": "AAHdF6IQAAAAAN0XohDhrOrc", "user": user, "auth_date": at(-time.Minute)}
	with := func(name, value string) map[string]string {
		m := maps.Clone(base)
		if m[name] = value; value == "" {
			delete(m, name)
		}
		return m
	}
	good := seal(botToken, nil, base)
	hash := good[strings.Index(good, "&hash=")+6:]
	flip := func(s string, i int) string { b := []byte(s); b[i] ^= 1; return string(b) }
	swap := func(from, to string) string { return strings.Replace(good, from, to, 1) }
	return []vector{
		{"as Telegram sends it", good, true},
		{"in another order", seal(botToken, []string{"user", "auth_date", "query_id"}, base), true},
		{"with a signature field, which is sealed too", seal(botToken, nil, with("signature", "abc_-")), true},
		{"with a chat and a start_param", seal(botToken, nil, with("start_param", "turno")), true},
		{"a value with an equals sign", seal(botToken, nil, with("start_param", "a=b")), true},
		{"five minutes old", seal(botToken, nil, with("auth_date", at(-5*time.Minute))), true},
		{"a little ahead of our clock", seal(botToken, nil, with("auth_date", at(20*time.Second))), true},
		{"a space written as %20", strings.ReplaceAll(seal(botToken, nil, with("start_param", "a b")), "+", "%20"), true},

		{"empty", "", false},
		{"no hash", strings.TrimSuffix(good, "&hash="+hash), false},
		{"an empty hash", swap(hash, ""), false},
		{"a short hash", swap(hash, hash[:62]), false},
		{"a long hash", good + "00", false},
		{"a hash in capitals", swap(hash, strings.ToUpper(hash)), false},
		{"a hash that is no hexadecimal", swap(hash, strings.Repeat("z", 64)), false},
		{"one bit of the hash", swap(hash, flip(hash, 5)), false},
		{"a hash of zeros", swap(hash, strings.Repeat("0", 64)), false},
		{"the hash twice", good + "&hash=" + hash, false},
		{"another hash first", "hash=" + strings.Repeat("0", 64) + "&" + good, false},
		{"another bot", seal("987654321:another", nil, base), false},
		{"the key of the login widget", widget(base), false},
		{"another person", swap("279058397", "279058398"), false},
		{"another instant", swap(at(-time.Minute), at(-time.Second)), false},
		{"the user twice", good + "&user=" + url.QueryEscape(strings.Replace(user, "279058397", "1", 1)), false},
		{"the user twice, the other first", "user=" + url.QueryEscape(strings.Replace(user, "279058397", "1", 1)) + "&" + good, false},
		{"auth_date twice", good + "&auth_date=" + at(0), false},
		{"a field more", good + "&admin=true", false},
		{"a field less", swap("query_id=AAHdF6IQAAAAAN0XohDhrOrc&", ""), false},
		{"a field without a value", good + "&x", false},
		{"a field without a name", good + "&=x", false},
		{"a broken escape", good + "&x=%zz", false},
		{"a broken escape in a name", good + "&%zz=x", false},
		{"a line break that hides a field", seal(botToken, nil, with("start_param", "x\nuser={\"id\":1}")), false},
		{"older than five minutes", seal(botToken, nil, with("auth_date", at(-5*time.Minute-time.Second))), false},
		{"from the future", seal(botToken, nil, with("auth_date", at(2*time.Minute))), false},
		{"no auth_date", seal(botToken, nil, with("auth_date", "")), false},
		{"auth_date no number", seal(botToken, nil, with("auth_date", "ayer")), false},
		{"auth_date with a sign", seal(botToken, nil, with("auth_date", "+"+at(0))), false},
		{"auth_date with a zero before", seal(botToken, nil, with("auth_date", "0"+at(0))), false},
		{"auth_date negative", seal(botToken, nil, with("auth_date", "-1")), false},
		{"auth_date huge", seal(botToken, nil, with("auth_date", "99999999999999999999")), false},
		{"no user", seal(botToken, nil, with("user", "")), false},
		{"user no JSON", seal(botToken, nil, with("user", "ana")), false},
		{"user a list", seal(botToken, nil, with("user", "[1]")), false},
		{"user without an id", seal(botToken, nil, with("user", `{"first_name":"Ana"}`)), false},
		{"user id a text", seal(botToken, nil, with("user", `{"id":"279058397"}`)), false},
		{"user id a fraction", seal(botToken, nil, with("user", `{"id":1.5}`)), false},
		{"user id zero", seal(botToken, nil, with("user", `{"id":0}`)), false},
		{"user id negative", seal(botToken, nil, with("user", `{"id":-5}`)), false},
		{"user id beyond 64 bits", seal(botToken, nil, with("user", `{"id":99999999999999999999}`)), false},
		{"a bot", seal(botToken, nil, with("user", `{"id":5,"is_bot":true}`)), false},
		{"too long", good + "&x=" + strings.Repeat("x", 9000), false},
		{"semicolons", strings.ReplaceAll(good, "&", ";"), false},
	}
}

// widget seals with the key of the legacy login widget, SHA-256 of the token.
func widget(fields map[string]string) string {
	key := sha256.Sum256([]byte(botToken))
	var lines, pairs []string
	for _, n := range slices.Sorted(maps.Keys(fields)) {
		lines, pairs = append(lines, n+"="+fields[n]), append(pairs, n+"="+url.QueryEscape(fields[n]))
	}
	mac := hmac.New(sha256.New, key[:])
	mac.Write([]byte(strings.Join(lines, "\n")))
	return strings.Join(pairs, "&") + "&hash=" + hex.EncodeToString(mac.Sum(nil))
}

func TestInitData(t *testing.T) {
	t.Parallel()
	all := vectors(start)
	if len(all) < 30 {
		t.Errorf("only %d vectors", len(all))
	}
	for _, v := range all {
		d, err := auth.ParseInitData(v.raw, auth.TelegramKey(botToken), start)
		if (err == nil) != v.good || v.good && d.Account != 279058397 {
			t.Errorf("%s: %+v, %v", v.name, d, err)
		}
	}
	if _, err := auth.ParseInitData(all[0].raw, nil, start); err == nil {
		t.Error("believed without a key")
	}
}

// FuzzInitData looks for a statement that is believed and was never sealed.
func FuzzInitData(f *testing.F) {
	sealed := map[string]bool{}
	for _, v := range vectors(start) {
		f.Add(v.raw)
		sealed[v.raw] = v.good
	}
	f.Fuzz(func(t *testing.T, raw string) {
		d, err := auth.ParseInitData(raw, auth.TelegramKey(botToken), start)
		// Escapes and order may be written in several ways; what is said may not differ.
		if err == nil && !sealed[raw] && d.Account != 279058397 {
			t.Errorf("believed %q: %+v", raw, d)
		}
	})
}

// TestTelegramLogin: one statement, one session, for a linked account only.
func TestTelegramLogin(t *testing.T) {
	t.Parallel()
	h := newHall(t)
	id := h.person("ana@gad.test", permiso.Efectivo)
	raw := vectors(start)[0].raw
	_, err := h.door.Telegram(t.Context(), raw, "", auth.Client{})
	refused(t, err, auth.ErrSinVinculo)
	h.people.telegram = map[int64]ident.Usuario{279058397: id}
	tokens, err := h.door.Telegram(t.Context(), raw, "", auth.Client{})
	if err != nil {
		t.Fatal(err)
	}
	if who, err := h.issuer.Verify(t.Context(), tokens.Access); err != nil || who.Usuario != id {
		t.Errorf("in as %s, %v", who.Usuario, err)
	}
	_, err = h.door.Telegram(t.Context(), raw, "", auth.Client{})
	refused(t, err, auth.ErrTelegram)
	_, err = h.door.Telegram(t.Context(), "hash=00", "", auth.Client{})
	refused(t, err, auth.ErrTelegram)
	h.wantFacts(map[string]int{"usuario.sesion_iniciada": 1})
}
