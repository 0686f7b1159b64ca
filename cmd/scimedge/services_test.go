package main

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestServicesStopInReverse(t *testing.T) {
	var trace []string
	part := func(name string, startErr, stopErr error) service {
		return service{name,
			func(context.Context) error { trace = append(trace, "+"+name); return startErr },
			func(context.Context) error { trace = append(trace, "-"+name); return stopErr },
		}
	}
	log := slog.New(slog.DiscardHandler)
	broken := errors.New("broken")

	t.Run("all well", func(t *testing.T) {
		trace = nil
		r, err := startAll(t.Context(), log, []service{part("store", nil, nil), part("edge", nil, nil)})
		require.NoError(t, err)
		require.NoError(t, r.stopAll(t.Context()))
		require.Equal(t, []string{"+store", "+edge", "-edge", "-store"}, trace)
	})
	t.Run("a start fails", func(t *testing.T) {
		trace = nil
		_, err := startAll(t.Context(), log, []service{part("store", nil, nil), part("edge", broken, nil), part("late", nil, nil)})
		require.ErrorIs(t, err, broken)
		require.Equal(t, []string{"+store", "+edge", "-store"}, trace)
	})
	t.Run("a stop fails", func(t *testing.T) {
		trace = nil
		r, err := startAll(t.Context(), log, []service{part("store", nil, nil), part("edge", nil, broken)})
		require.NoError(t, err)
		require.ErrorIs(t, r.stopAll(t.Context()), broken)
		require.Equal(t, []string{"+store", "+edge", "-edge", "-store"}, trace)
	})
}
