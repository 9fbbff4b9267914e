package projections

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// plain maps the accented letters of the languages that people here write to bare ones.
var plain = func() map[rune]string {
	m := map[rune]string{'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i"}
	for bare, accented := range map[string]string{
		"a": "áàâäãåāăą", "c": "çćĉċč", "d": "ď", "e": "éèêëēĕėęě", "g": "ĝğġģ", "h": "ĥħ", "i": "íìîïĩīĭį",
		"j": "ĵ", "k": "ķ", "l": "ĺļľŀ", "n": "ñńņňŉ", "o": "óòôöõōŏő", "r": "ŕŗř", "s": "śŝşšș",
		"t": "ţťŧț", "u": "úùûüũūŭůűų", "w": "ŵ", "y": "ýÿŷ", "z": "źżž",
	} {
		for _, r := range accented {
			m[r] = bare
		}
	}
	return m
}()

// Searchable returns text without accents, case or punctuation: what a search compares.
func Searchable(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		space := b.Len() > 0
		b.Grow(len(part) + 1)
		for _, r := range part {
			switch {
			case r >= 'a' && r <= 'z' || r >= '0' && r <= '9': // nearly every rune there is
			case r >= 'A' && r <= 'Z':
				r += 'a' - 'A'
			case unicode.Is(unicode.Mn, r):
				continue // an accent written apart from its letter
			default:
				r = unicode.ToLower(r)
				if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
					space = b.Len() > 0
					continue
				}
			}
			if space {
				b.WriteByte(' ')
				space = false
			}
			if r < utf8.RuneSelf {
				b.WriteByte(byte(r))
			} else if bare, ok := plain[r]; ok {
				b.WriteString(bare)
			} else {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}
