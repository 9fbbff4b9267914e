package auth

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed" // the list
	"strings"
	"sync"
)

// comunes are the 30,000 most common passwords of zxcvbn 4.4.2 (npm, MIT; comunes.NOTICE).
//
//go:embed comunes.txt.gz
var comunes []byte

// listed is the set of them. A broken file is a broken build: a test reads it.
var listed = sync.OnceValue(func() map[string]struct{} {
	set := make(map[string]struct{}, 30_000)
	r, err := gzip.NewReader(bytes.NewReader(comunes))
	if err != nil {
		panic("the list of common passwords cannot be read: " + err.Error())
	}
	for lines := bufio.NewScanner(r); lines.Scan(); {
		set[lines.Text()] = struct{}{}
	}
	for _, root := range obvious {
		set[root] = struct{}{}
	}
	return set
})

// around are the signs and digits that people put around a word they were told is too weak.
const around = "0123456789!@#$%&*._-+=?¡¿ ()[]{}/,;:"

// unleet undoes the letters that people write as digits and signs.
var unleet = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s")

// guessed reports a password that a list would find: an entry itself, an entry with digits
// and signs around it or in place of letters, or one repeated.
func guessed(lower string) bool {
	for _, form := range []string{lower, strings.Trim(lower, around), unleet.Replace(lower), strings.Trim(unleet.Replace(strings.TrimRight(lower, around)), around)} {
		if _, known := listed()[form]; known && form != "" {
			return true
		}
		if once, repeated := repetition(form); repeated {
			if _, known := listed()[once]; known {
				return true
			}
		}
	}
	return false
}

// repetition returns the shortest text of which s is the repetition.
func repetition(s string) (once string, ok bool) {
	for n := 1; n <= len(s)/2; n++ {
		if len(s)%n == 0 && strings.Repeat(s[:n], len(s)/n) == s {
			return s[:n], true
		}
	}
	return "", false
}
