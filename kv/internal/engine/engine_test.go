package engine

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"scimedge/kv"
)

func TestWatchAcrossDrop(t *testing.T) {
	var h Heads
	h.Set("p", 57)
	h.Set("q", 3)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var got []kv.Head
	for head, err := range h.Watch(ctx, map[kv.Partition]kv.Seq{"q": 9}) {
		if err != nil {
			require.ErrorIs(t, err, context.Canceled)
			break
		}
		got = append(got, head)
		switch len(got) {
		case 1: // p is dropped and made again, and q goes on, while nobody looks
			h.Drop("p")
			h.Set("p", 1)
			h.Set("q", 4)
			h.Set("q", 10)
			h.Set("q", 11)
		case 3:
			cancel()
		}
	}
	require.Equal(t, []kv.Head{{Partition: "p", Seq: 57}, {Partition: "p", Seq: 1}, {Partition: "q", Seq: 11}}, got)
	require.EqualValues(t, 11, h.Get("q"))
	require.Zero(t, h.Get("absent"))
}

func TestGate(t *testing.T) {
	var g Gate
	require.NoError(t, g.Enter())
	closed := make(chan bool)
	go func() { closed <- g.Close() }()
	for g.Enter() == nil { // until Close has begun
		g.Leave()
	}
	select {
	case <-closed:
		t.Fatal("Close did not wait")
	default:
	}
	g.Leave()
	require.True(t, <-closed)
	require.False(t, g.Close())
	require.ErrorIs(t, g.Enter(), kv.ErrClosed)
}

func TestCheckPartition(t *testing.T) {
	require.NoError(t, CheckPartition(kv.System))
	require.Error(t, CheckPartition(""))
	require.Error(t, CheckPartition(kv.Partition(make([]byte, MaxPartitionLen+1))))
}
