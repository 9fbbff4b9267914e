package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/grupo-gad/gad/api/auth"
	"github.com/grupo-gad/gad/domain/permiso"
	"github.com/grupo-gad/gad/projections/bench"
)

// The promised p99 in milliseconds, and positions per second.
const (
	barEmergency       = 20
	barIntake          = 250
	barFixes           = 5000
	intakeConns        = 128
	emergencyPerSecond = 10
)

// The groups of what is measured by orders.
const (
	groupPositions = "posiciones"
	groupEmergency = "emergencia"
)

// benchHTTPCommand measures the same questions from outside, and the orders that are in a hurry.
func benchHTTPCommand() *cobra.Command {
	var (
		o      scale
		intake intakeLoad
	)
	c := &cobra.Command{
		Use:   "http",
		Short: "Mide lo mismo por REST, la toma de posiciones y las emergencias",
		Long: `Carga la misma ciudad que gad bench geo, arranca sobre ella la API y los proyectores y
mide por REST, como la usan los tableros y los teléfonos: preguntas, estadísticas, lotes
de posiciones a ritmo fijo y emergencias. Las políticas, el relé y el bot no corren: las
tareas abiertas son inventadas y despertarían miles de avisos a la vez.`,
		Example: "  gad bench http\n  gad bench http --ritmo 8000 --lote 20\n  gad bench http --data /var/tmp/ciudad --strict",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var all []bench.Answered
			const many = "off" // one client is everybody
			extra := map[string]string{
				"GAD_ROLES": "api,projector", "GAD_LIMIT_READS": many, "GAD_LIMIT_ORDERS": many, "GAD_LIMIT_TELEMETRY": many, "GAD_LIMIT_PUBLIC": many,
			}
			err := o.run(cmd, extra, func(s *system, data string) (err error) {
				all, err = benchHTTP(cmd, s, data, &o, intake)
				return err
			})
			if err != nil {
				return err
			}
			return o.show(cmd, all)
		},
	}
	o.flags(c)
	c.Flags().Float64Var(&intake.rate, "ritmo", 5500, "posiciones por segundo que se mandan")
	c.Flags().IntVar(&intake.batch, "lote", 50, "posiciones por pedido, hasta 100")
	c.Flags().DurationVar(&intake.span, "toma", 15*time.Second, "cuánto se mandan posiciones")
	return c
}

func benchHTTP(cmd *cobra.Command, s *system, data string, o *scale, intake intakeLoad) (all []bench.Answered, err error) {
	ctx, stop := context.WithCancel(cmd.Context())
	defer stop()
	ready := make(chan addresses, 1)
	running, ctx := errgroup.WithContext(ctx)
	running.Go(func() error { return s.run(ctx, ready) })
	defer func() {
		stop()
		err = errors.Join(err, ignoreCanceled(running.Wait()))
	}()
	var at addresses
	select {
	case at = <-ready:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	h := &restClient{base: at.http + "/api/v1", client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: intakeConns}, Timeout: 30 * time.Second}}
	if err := h.login(ctx, s, data, at); err != nil {
		return nil, err
	}
	sample, err := bench.Draw(ctx, s.pool)
	if err != nil {
		return nil, err
	}
	o.asking.Progress = stepProgress(cmd)
	// What was loaded may be of another hour: everybody says where he is now.
	if err := everybodyReports(ctx, h, sample, o.asking.Progress); err != nil {
		return nil, err
	}
	err = o.profiled(func() error {
		all, err = o.askAll(ctx, h, sample, intake)
		return err
	})
	return all, err
}

// askAll measures the questions, the positions and the emergencies, one after the other, and
// then emergencies while positions come in.
func (o *scale) askAll(ctx context.Context, h *restClient, sample bench.Sample, intake intakeLoad) (all []bench.Answered, err error) {
	if all, err = bench.Ask(ctx, o.chosen(restQuestions(h, sample)), o.asking); err != nil {
		return all, err
	}
	if o.wants(groupPositions) {
		taken, err := intake.run(ctx, h, sample, o.asking.Progress)
		if err != nil {
			return all, err
		}
		all = append(all, taken)
	}
	if !o.wants(groupEmergency) {
		return all, nil
	}
	// One after the other, as they come in life; and while positions come in as well.
	alone := bench.Asking{Times: o.asking.Times, Clients: 1, AtMost: time.Minute, Progress: o.asking.Progress}
	urgent, err := bench.Ask(ctx, []bench.Question{h.emergency("sola", sample)}, alone)
	if err != nil {
		return all, err
	}
	all = append(all, urgent...)
	both, ctx := errgroup.WithContext(ctx)
	both.Go(func() error {
		half := intake
		half.rate /= 2
		_, err := half.run(ctx, h, sample, nil)
		return err
	})
	both.Go(func() error {
		a, err := h.emergencies(ctx, sample, intake.span)
		all = append(all, a)
		return err
	})
	return all, both.Wait()
}

// restClient is a user of the API.
type restClient struct {
	base   string
	client *http.Client
	tokens map[permiso.Rol]string
}

func (h *restClient) login(ctx context.Context, s *system, data string, at addresses) error {
	users, err := ensureDevUsers(ctx, s, data+"/dev-credentials.json", at)
	if err != nil {
		return err
	}
	h.tokens = map[permiso.Rol]string{}
	for _, rol := range []permiso.Rol{permiso.Supervisor, permiso.Servicio} {
		u, _ := users.of(rol)
		who, err := s.door.Login(ctx, auth.Login{Email: u.Email, Password: u.Password})
		if err != nil {
			return fmt.Errorf("entrar como %s: %w", rol, err)
		}
		h.tokens[rol] = who.Access
	}
	return nil
}

// do sends a request and reads the whole answer, into out when that is not nil.
func (h *restClient) do(ctx context.Context, rol permiso.Rol, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, h.base+path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+h.tokens[rol])
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := h.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	switch {
	case err != nil:
		return err
	case resp.StatusCode >= 300:
		return fmt.Errorf("%s %s answers %s: %s", method, path, resp.Status, text)
	case out != nil:
		return json.Unmarshal(text, out)
	}
	return nil
}

// emergency calls one in, somewhere in the city, and must see it offered to somebody.
func (h *restClient) emergency(name string, s bench.Sample) bench.Question {
	return bench.Question{Group: groupEmergency, Name: name, BarMS: barEmergency, Ask: func(ctx context.Context, rng *rand.Rand) error {
		p := s.Lugares[rng.IntN(len(s.Lugares))]
		var answer struct {
			OfrecidaA *string `json:"ofrecida_a"`
		}
		err := h.do(ctx, permiso.Supervisor, http.MethodPost, "/emergencias", map[string]any{
			"lat": p.Lat + 0.002*rng.Float64(), "lon": p.Lon + 0.002*rng.Float64(), "descripcion": "Choque con heridos, piden ambulancia",
		}, &answer)
		if err == nil && answer.OfrecidaA == nil {
			err = errors.New("the emergency was offered to nobody")
		}
		return err
	}}
}

// emergencies calls some in each second, whatever the answers do, and measures from when each was due.
func (h *restClient) emergencies(ctx context.Context, s bench.Sample, span time.Duration) (bench.Answered, error) {
	q := h.emergency(fmt.Sprintf("%d por segundo, con posiciones entrando", emergencyPerSecond), s)
	var (
		mu    sync.Mutex
		took  []time.Duration
		calls errgroup.Group
	)
	calls.SetLimit(intakeConns)
	begin := time.Now()
	for n := 0; ; n++ {
		due := begin.Add(time.Duration(n) * time.Second / emergencyPerSecond)
		if due.Sub(begin) > span || ctx.Err() != nil {
			break
		}
		time.Sleep(time.Until(due))
		calls.Go(func() error {
			err := q.Ask(ctx, rand.New(rand.NewPCG(uint64(n), 9))) //nolint:gosec // not a secret
			mu.Lock()
			defer mu.Unlock()
			took = append(took, time.Since(due))
			return err
		})
	}
	err := calls.Wait()
	return bench.NewAnswered(q.Group, q.Name, q.BarMS, took), err
}
