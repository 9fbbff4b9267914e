package codec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds the nesting of a payload.
const maxDepth = 64

// Canonical appends the RFC 8785 form of one JSON text to dst: members in the order of their
// UTF-16 names, no white space, shortest escapes, numbers as ECMAScript writes them. It
// refuses what has no such form or would change its meaning by it: a member named twice, an
// integer that no double holds, a lone surrogate, bytes that are not UTF-8.
func Canonical(dst, src []byte) ([]byte, error) {
	c := canonicalizer{src: src, dst: dst}
	if err := c.value(0); err != nil {
		return nil, fmt.Errorf("canonical JSON, byte %d: %w", c.at, err)
	}
	if c.space(); c.at != len(src) {
		return nil, fmt.Errorf("canonical JSON, byte %d: %w", c.at, errSyntax)
	}
	return c.dst, nil
}

var (
	errSyntax    = errors.New("not JSON")
	errDepth     = errors.New("nested too deep")
	errText      = errors.New("text is not valid Unicode")
	errDuplicate = errors.New("member named twice")
	errNumber    = errors.New("number is not a double")
)

type canonicalizer struct {
	src, dst []byte
	at       int // next byte of src
}

func (c *canonicalizer) space() {
	for c.at < len(c.src) {
		switch c.src[c.at] {
		case ' ', '\t', '\n', '\r':
			c.at++
		default:
			return
		}
	}
}

// next skips white space and returns the byte after it, 0 at the end.
func (c *canonicalizer) next() byte {
	if c.space(); c.at < len(c.src) {
		return c.src[c.at]
	}
	return 0
}

func (c *canonicalizer) value(depth int) error {
	if depth > maxDepth {
		return errDepth
	}
	switch b := c.next(); {
	case b == '{':
		return c.object(depth)
	case b == '[':
		return c.array(depth)
	case b == '"':
		_, err := c.text()
		return err
	case b == '-' || b >= '0' && b <= '9':
		return c.number()
	}
	for _, word := range [...]string{"true", "false", "null"} {
		if bytes.HasPrefix(c.src[c.at:], []byte(word)) {
			c.at += len(word)
			c.dst = append(c.dst, word...)
			return nil
		}
	}
	return errSyntax
}

func (c *canonicalizer) array(depth int) error {
	c.at++
	c.dst = append(c.dst, '[')
	if c.next() == ']' {
		c.at++
		c.dst = append(c.dst, ']')
		return nil
	}
	for {
		if err := c.value(depth + 1); err != nil {
			return err
		}
		switch c.next() {
		case ',':
			c.dst = append(c.dst, ',')
		case ']':
			c.at++
			c.dst = append(c.dst, ']')
			return nil
		default:
			return errSyntax
		}
		c.at++
	}
}

// member is a name with its colon and value, as written to dst.
type member struct {
	name       string // decoded
	start, end int    // in dst
}

func (c *canonicalizer) object(depth int) error {
	c.at++
	c.dst = append(c.dst, '{')
	if c.next() == '}' {
		c.at++
		c.dst = append(c.dst, '}')
		return nil
	}
	var (
		room    [24]member // most events have fewer fields: no allocation
		members = room[:0]
		base    = len(c.dst)
		sorted  = true
	)
	for {
		if c.next() != '"' {
			return errSyntax
		}
		m := member{start: len(c.dst)}
		var err error
		if m.name, err = c.text(); err != nil {
			return err
		}
		if c.next() != ':' {
			return errSyntax
		}
		c.at++
		c.dst = append(c.dst, ':')
		if err := c.value(depth + 1); err != nil {
			return err
		}
		m.end = len(c.dst)
		if n := len(members); n > 0 && compareNames(members[n-1].name, m.name) >= 0 {
			sorted = false
		}
		members = append(members, m)
		switch c.next() {
		case ',':
			c.at++
			c.dst = append(c.dst, ',')
			continue
		case '}':
			c.at++
		default:
			return errSyntax
		}
		break
	}
	if !sorted {
		if err := c.sort(base, members); err != nil {
			return err
		}
	}
	c.dst = append(c.dst, '}')
	return nil
}

// sort puts the members written from base on into their order.
func (c *canonicalizer) sort(base int, members []member) error {
	slices.SortFunc(members, func(a, b member) int { return compareNames(a.name, b.name) })
	written := slices.Clone(c.dst[base:])
	c.dst = c.dst[:base]
	for i, m := range members {
		if i > 0 {
			if m.name == members[i-1].name {
				return fmt.Errorf("%w: %q", errDuplicate, m.name)
			}
			c.dst = append(c.dst, ',')
		}
		c.dst = append(c.dst, written[m.start-base:m.end-base]...)
	}
	return nil
}

// compareNames orders by UTF-16 code units, which differs from the order of the bytes where a
// name leaves the basic plane.
func compareNames(a, b string) int {
	for a != "" && b != "" {
		ra, na := utf8.DecodeRuneInString(a)
		rb, nb := utf8.DecodeRuneInString(b)
		if ra != rb {
			ua, ub := firstUnit(ra), firstUnit(rb)
			if ua != ub {
				return ua - ub
			}
			return int(ra - rb)
		}
		a, b = a[na:], b[nb:]
	}
	return len(a) - len(b)
}

func firstUnit(r rune) int {
	if r >= 0x10000 {
		high, _ := utf16.EncodeRune(r)
		return int(high)
	}
	return int(r)
}

// text copies a string and returns its decoded form.
func (c *canonicalizer) text() (string, error) {
	start := c.at + 1
	for i := start; i < len(c.src); i++ {
		b := c.src[i]
		if b == '"' { // nothing to decode: the common case
			raw := c.src[start:i]
			if !utf8.Valid(raw) {
				return "", errText
			}
			c.dst = append(c.dst, c.src[c.at:i+1]...)
			c.at = i + 1
			return string(raw), nil
		}
		if b < 0x20 {
			return "", errSyntax
		}
		if b == '\\' {
			break
		}
	}
	decoded, err := c.unescape()
	if err != nil {
		return "", err
	}
	c.dst = appendText(c.dst, decoded)
	return string(decoded), nil
}

// unescape decodes the string at c.at.
func (c *canonicalizer) unescape() ([]byte, error) {
	var out []byte
	for c.at++; c.at < len(c.src); {
		b := c.src[c.at]
		switch {
		case b == '"':
			c.at++
			return out, nil
		case b < 0x20:
			return nil, errSyntax
		case b == '\\':
			r, err := c.escape()
			if err != nil {
				return nil, err
			}
			out = utf8.AppendRune(out, r)
		default:
			r, n := utf8.DecodeRune(c.src[c.at:])
			if r == utf8.RuneError && n == 1 {
				return nil, errText
			}
			out = append(out, c.src[c.at:c.at+n]...)
			c.at += n
		}
	}
	return nil, errSyntax
}

func (c *canonicalizer) escape() (rune, error) {
	if c.at+1 >= len(c.src) {
		return 0, errSyntax
	}
	b := c.src[c.at+1]
	if b != 'u' {
		c.at += 2
		if i := bytes.IndexByte([]byte(`"\/bfnrt`), b); i >= 0 {
			return rune("\"\\/\b\f\n\r\t"[i]), nil
		}
		return 0, errSyntax
	}
	r, err := c.unit()
	if err != nil {
		return 0, err
	}
	// encoding/json writes this escape, and only this one, where a Go string was not UTF-8.
	if r == utf8.RuneError {
		return 0, errText
	}
	if !utf16.IsSurrogate(r) {
		return r, nil
	}
	low, err := c.unit()
	if err != nil {
		return 0, errText
	}
	if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
		return 0, errText
	}
	return r, nil
}

// unit reads \uXXXX.
func (c *canonicalizer) unit() (rune, error) {
	if c.at+6 > len(c.src) || c.src[c.at] != '\\' || c.src[c.at+1] != 'u' {
		return 0, errSyntax
	}
	v, err := strconv.ParseUint(string(c.src[c.at+2:c.at+6]), 16, 16)
	if err != nil {
		return 0, errSyntax
	}
	c.at += 6
	return rune(v), nil
}

// appendText writes a string with the shortest escapes; everything else stands as it is.
func appendText(dst, s []byte) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for _, b := range s {
		switch {
		case b == '"' || b == '\\':
			dst = append(dst, '\\', b)
		case b >= 0x20:
			dst = append(dst, b)
		case b == '\b':
			dst = append(dst, `\b`...)
		case b == '\t':
			dst = append(dst, `\t`...)
		case b == '\n':
			dst = append(dst, `\n`...)
		case b == '\f':
			dst = append(dst, `\f`...)
		case b == '\r':
			dst = append(dst, `\r`...)
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[b>>4], hex[b&15])
		}
	}
	return append(dst, '"')
}

// number copies a number in the form ECMAScript gives it.
func (c *canonicalizer) number() error {
	start, whole := c.at, true
scan:
	for ; c.at < len(c.src); c.at++ {
		switch b := c.src[c.at]; {
		case b >= '0' && b <= '9' || b == '-':
		case b == '+' || b == '.' || b == 'e' || b == 'E':
			whole = false
		default:
			break scan
		}
	}
	token := string(c.src[start:c.at])
	digits := token
	if digits[0] == '-' {
		digits = digits[1:]
	}
	if digits == "" || digits[0] == '.' || len(digits) > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9' {
		return errSyntax
	}
	f, err := strconv.ParseFloat(token, 64)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return errNumber
	case err != nil || !whole && !json.Valid([]byte(token)): // strconv reads "1." and more
		return errSyntax
	case f == 0: // also -0
		c.dst = append(c.dst, '0')
		return nil
	}
	from := len(c.dst)
	c.dst = appendNumber(c.dst, f)
	// An integer whose digits would change is a value that somebody else would read wrong.
	if whole && len(digits) > 15 && string(c.dst[from:]) != token {
		return fmt.Errorf("%w: %s", errNumber, token)
	}
	return nil
}

func appendNumber(dst []byte, f float64) []byte {
	format := byte('f')
	if abs := math.Abs(f); abs < 1e-6 || abs >= 1e21 {
		format = 'e'
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, format, -1, 64)
	// e-09 to e-9
	if n := len(dst); format == 'e' && n-start >= 4 && dst[n-4] == 'e' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst
}
