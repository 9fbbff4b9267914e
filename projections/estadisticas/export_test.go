package estadisticas

import "context"

// Renew is one round of Run.
func (n *Renewer) Renew(ctx context.Context) error { return n.renew(ctx) }
