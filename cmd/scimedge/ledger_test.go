package main

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// ledger is what one client knows of the users it made: only a ledger of the
// acknowledgements can prove that none was lost.
type ledger map[string]*entry // by userName

// entry is one user. A request that was cut off leaves two possible outcomes.
type entry struct {
	id     string // "" while the answer to its creation was lost
	now    state
	orElse *state // the other possibility, after an answer was lost
}

type state struct {
	exists bool
	title  string
	member bool
}

// found is a user as the server has it after a restart.
type found struct {
	id string
	state
}

// settle compares the ledger with what the server has, and adopts it where both
// outcomes were possible. Users of this client that are not in the ledger are
// errors, too: they are writes that were refused or never asked for.
func (l ledger) settle(have map[string]found) []string {
	var wrong []string
	for _, name := range slices.Sorted(maps.Keys(l)) {
		e := l[name]
		got, ok := have[name]
		got.exists = ok
		switch {
		case got.state == e.now:
		case e.orElse != nil && got.state == *e.orElse:
		default:
			wrong = append(wrong, fmt.Sprintf("%s: the server has %+v, acknowledged was %+v, possible was %+v", name, got.state, e.now, e.orElse))
		}
		if ok && e.id != "" && got.id != e.id {
			wrong = append(wrong, fmt.Sprintf("%s: the server has id %s, acknowledged was %s", name, got.id, e.id))
		}
		if e.now, e.orElse, e.id = got.state, nil, got.id; !ok {
			delete(l, name) // gone for good; its name will not be used again
		}
	}
	for name := range have {
		if l[name] == nil {
			wrong = append(wrong, fmt.Sprintf("%s: the server has it, and no request for it was acknowledged or cut off", name))
		}
	}
	return wrong
}

// any picks a user whose state is certain, by a number from the client's own
// randomness; "" when there is none.
func (l ledger) any(n int) string {
	var names []string
	for name, e := range l {
		if e.orElse == nil && e.now.exists {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	return names[n%len(names)]
}

// The ledger itself must notice every kind of loss.
func TestLedgerNoticesLosses(t *testing.T) {
	here, titled := state{exists: true}, state{exists: true, title: "Countess"}
	for name, tc := range map[string]struct {
		entry *entry
		have  *found
		wrong bool
	}{
		"as acknowledged":        {&entry{id: "1", now: here}, &found{"1", here}, false},
		"lost":                   {&entry{id: "1", now: here}, nil, true},
		"older than known":       {&entry{id: "1", now: titled}, &found{"1", here}, true},
		"another id":             {&entry{id: "1", now: here}, &found{"2", here}, true},
		"cut off and kept":       {&entry{now: state{}, orElse: &here}, &found{"1", here}, false},
		"cut off and not kept":   {&entry{now: state{}, orElse: &here}, nil, false},
		"cut off and half":       {&entry{now: state{}, orElse: &titled}, &found{"1", here}, true},
		"deleted and back":       {&entry{id: "1", now: state{}}, &found{"1", here}, true},
		"never asked for":        {nil, &found{"1", here}, true},
		"refused, yet it is now": {&entry{id: "1", now: here}, &found{"1", titled}, true},
	} {
		l, have := ledger{}, map[string]found{}
		if tc.entry != nil {
			l["ada"] = tc.entry
		}
		if tc.have != nil {
			have["ada"] = *tc.have
		}
		require.Equal(t, tc.wrong, len(l.settle(have)) > 0, name)
	}
}
