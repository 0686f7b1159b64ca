package load

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Spec is one measured run within a session.
type Spec struct {
	Scenario string
	Clients  int
	Requests int           // 0: bounded by Duration only
	Duration time.Duration // 0: bounded by Requests only
	Rate     float64       // 0: closed loop
	Groups   *GroupSet     // for the member scenarios
}

// Run seeds a session, runs the scenarios of o and removes what it made. The result
// is useful on error too. Measuring nothing is an error.
func Run(ctx context.Context, o Options) (res Result, err error) {
	o = o.withDefaults()
	res = Result{Target: o.URL, Host: o.Host, Started: time.Now().UTC()}
	s, err := Open(ctx, o)
	if s != nil {
		// What was made is removed after Ctrl-C too, for a while.
		defer func() {
			clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
			defer cancel()
			err = errors.Join(err, s.Close(clean))
		}()
	}
	if err != nil {
		return res, err
	}
	for _, name := range o.Scenarios {
		one, err := s.Run(ctx, Spec{Scenario: name, Clients: o.Clients, Requests: o.Requests, Duration: o.Duration, Rate: o.Rate})
		if one.Requests > 0 {
			res.Scenarios = append(res.Scenarios, one)
		}
		if err != nil {
			return res, err
		}
	}
	return res, nil
}

// worker is one client of a run.
type worker struct {
	s     *Session
	x     *exchange
	rand  *rand.Rand
	index int
	tally *tally

	groups        *GroupSet
	group, inside string // member-add: where its outsider is at the moment
}

func (w *worker) anyUser() account { return w.s.users[w.rand.IntN(len(w.s.users))] }

// batch takes the next (group, outsider) pair in an order that both batches share,
// so that shrinking undoes growing.
func (w *worker) batch(op string, at *atomic.Int64) error {
	g, i := w.groups, int(at.Add(1)-1)
	// One outsider goes into each group before the next one does.
	id := g.outside[i/len(g.ids)%len(g.outside)]
	return w.memberPatch(op, g.ids[i%len(g.ids)], id)
}

// Run measures one scenario.
func (s *Session) Run(ctx context.Context, spec Spec) (ScenarioResult, error) {
	sc, found := findScenario(spec.Scenario)
	if !found || spec.Clients < 1 || spec.Clients > maxClients || spec.Requests <= 0 && spec.Duration <= 0 {
		return ScenarioResult{}, fmt.Errorf("load: cannot run %+v", spec)
	}
	if err := s.needGroups(ctx, &spec); err != nil {
		return ScenarioResult{}, err
	}
	out := ScenarioResult{Name: spec.Scenario, Clients: spec.Clients, Rate: spec.Rate, Users: len(s.users)}
	if spec.Groups != nil {
		out.GroupSize = spec.Groups.Size
	}
	if spec.Duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, spec.Duration, errEnough)
		defer cancel()
	}
	var taken, done atomic.Int64
	stop := s.report(spec.Scenario, &done, int64(spec.Requests))
	tallies := make([]*tally, spec.Clients)
	var wg sync.WaitGroup
	start := time.Now()
	for i := range tallies {
		tallies[i] = &tally{ops: map[string]*hdrhistogram.Histogram{}, errors: map[string]int64{}}
		w := &worker{s: s, index: i, tally: tallies[i], groups: spec.Groups, rand: rand.New(rand.NewPCG(uint64(s.opts.Seed), uint64(i)))}
		wg.Go(func() {
			w.x = s.target.exchange()
			defer w.x.release()
			w.loop(ctx, sc, spec, start, &taken, &done)
		})
	}
	wg.Wait()
	elapsed := time.Since(start)
	stop()
	out.collect(tallies, elapsed)
	switch cause := context.Cause(ctx); {
	case cause != nil && !errors.Is(cause, errEnough):
		return out, cause
	case out.Requests == out.Errors:
		return out, fmt.Errorf("load: %s: measured nothing: %d requests, all failed: %s", spec.Scenario, out.Requests, out.firstError())
	}
	return out, nil
}

var errEnough = errors.New("load: time is up")

// hopeless is how many failures in a row make a client give up: the target is gone.
const hopeless = 200

func (w *worker) loop(ctx context.Context, sc Scenario, spec Spec, start time.Time, taken, done *atomic.Int64) {
	inRow := 0
	for ctx.Err() == nil && inRow < hopeless {
		n := taken.Add(1)
		if spec.Requests > 0 && n > int64(spec.Requests) {
			return
		}
		if spec.Rate > 0 {
			due := start.Add(time.Duration(float64(n-1) / spec.Rate * float64(time.Second)))
			if !sleepUntil(ctx, due) {
				return
			}
			w.x.due = due
		}
		op, err := sc.step(w)
		w.tally.add(op, w.x.took, err)
		done.Add(1)
		if err != nil {
			inRow++
		} else {
			inRow = 0
		}
	}
}

func sleepUntil(ctx context.Context, t time.Time) bool {
	wait := time.Until(t)
	if wait <= 0 {
		return true
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// needGroups makes the group of the options for a scenario that wants one.
func (s *Session) needGroups(ctx context.Context, spec *Spec) error {
	if spec.Scenario != "member-add" && spec.Scenario != "member-grow" && spec.Scenario != "member-shrink" || spec.Groups != nil {
		return nil
	}
	size := min(s.opts.GroupSize, len(s.users)-spec.Clients)
	if size < 0 {
		return fmt.Errorf("load: member-add with %d clients needs more than %d users", spec.Clients, len(s.users))
	}
	g, err := s.AddGroups(ctx, "group", 1, size)
	spec.Groups = g
	return err
}
