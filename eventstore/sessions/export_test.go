package sessions

import "time"

// SetClock makes s take now for the time.
func (s *Store) SetClock(now func() time.Time) { s.now = now }
