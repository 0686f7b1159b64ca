package main

import (
	"fmt"
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"scimedge/bench/idp"
)

// progress shows how far a sync is: a bar at a terminal, a line per phase
// elsewhere, where a bar would only fill a log.
type progress struct {
	w     io.Writer
	title string
	bar   *progressbar.ProgressBar // nil away from a terminal
	phase string
	last  int // users and groups done when the last line was written
}

func newProgress(w io.Writer, title string) *progress {
	p := &progress{w: w, title: title}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		p.bar = progressbar.NewOptions(1,
			progressbar.OptionSetWriter(w),
			progressbar.OptionSetWidth(30),
			progressbar.OptionShowCount(),
			progressbar.OptionSetDescription(title),
			progressbar.OptionClearOnFinish(),
		)
	}
	return p
}

// show is called with every step of a sync.
func (p *progress) show(now idp.Progress) {
	if p.bar != nil {
		p.bar.ChangeMax(max(1, now.UsersTotal+now.GroupsTotal))
		p.bar.Describe(fmt.Sprintf("%s  %-20s", p.title, now.Phase))
		_ = p.bar.Set(now.UsersDone + now.GroupsDone) // a picture only
		return
	}
	// Phases that provision nothing would only be noise in a log.
	done := now.UsersDone + now.GroupsDone
	if now.Phase != p.phase && (p.phase == "" || done != p.last) {
		p.phase, p.last = now.Phase, done
		fmt.Fprintf(p.w, "%s  %s (%d of %d users, %d of %d groups)\n",
			p.title, now.Phase, now.UsersDone, now.UsersTotal, now.GroupsDone, now.GroupsTotal)
	}
}

func (p *progress) finish() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
