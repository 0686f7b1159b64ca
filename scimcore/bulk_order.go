package scimcore

import "slices"

// BulkOrder says in which order to run the operations of a bulk request, given
// which others each refers to. They run as requested, but what an operation refers
// to runs before it, together with what that refers to in turn. Operations that
// refer to each other in a circle, and so cannot come one before the other, are one
// unit; all others are units of their own. Within a unit the order is the request's.
func BulkOrder(needs [][]int) (units [][]int) {
	o := bulkOrder{needs: needs, state: make([]visit, len(needs))}
	for i := range needs {
		if o.state[i].number == 0 {
			o.visit(i)
		}
	}
	return o.units
}

// bulkOrder is the algorithm of Tarjan for strongly connected components, which
// finds a component only after all that it refers to.
type bulkOrder struct {
	needs [][]int
	state []visit
	count int
	stack []int
	units [][]int
}

// visit is what is known about one operation: when it was first seen, from 1; the
// earliest on the stack that it reaches; and whether its unit is still open.
type visit struct {
	number, low int
	open        bool
}

func (o *bulkOrder) visit(i int) {
	o.count++
	o.state[i] = visit{o.count, o.count, true}
	o.stack = append(o.stack, i)
	for _, n := range o.needs[i] {
		switch {
		case o.state[n].number == 0:
			o.visit(n)
			o.state[i].low = min(o.state[i].low, o.state[n].low)
		case o.state[n].open:
			o.state[i].low = min(o.state[i].low, o.state[n].number)
		}
	}
	if o.state[i].low != o.state[i].number {
		return
	}
	from := slices.Index(o.stack, i)
	unit := slices.Clone(o.stack[from:])
	o.stack = o.stack[:from]
	for _, n := range unit {
		o.state[n].open = false
	}
	slices.Sort(unit)
	o.units = append(o.units, unit)
}
