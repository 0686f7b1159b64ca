package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"scimedge/bench/conformance"
	"scimedge/cmd/scimedge/admin"
)

type conformanceCmd struct {
	URL         string   `arg:"" help:"SCIM base URL, such as http://acme.localhost:8080/scim/v2."`
	Token       string   `required:"" env:"SCIMEDGE_BENCH_TOKEN" help:"Bearer token." placeholder:"TOKEN"`
	Host        string   `help:"Host header, instead of the URL's host." placeholder:"HOST"`
	Only        []string `help:"Check only a section (PATCH), a requirement (PATCH-16) or one check (FLT-01.eq). May be repeated." placeholder:"SECTION|ID"`
	JUnit       string   `name:"junit" help:"Write JUnit XML to this file, too." placeholder:"FILE" type:"path"`
	AllowRemote bool     `help:"The target is not this machine, and is yours to write to."`
	jsonFlag
}

func (conformanceCmd) Help() string {
	return `It makes users and groups of its own, asks what the server answers, and removes them again. Features the server does not announce are not asked about. Exit code 1 when a MUST of the standard is not met.

Example:
  scimedge conformance http://acme.localhost:8080/scim/v2 --token "$TOKEN"
  scimedge conformance https://scim.example.com/v2 --token "$TOKEN" --allow-remote --junit scim.xml
  scimedge conformance http://acme.localhost:8080/scim/v2 --token "$TOKEN" --only PATCH --only FLT-04`
}

func (c *conformanceCmd) Run(a *app) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	steps := &checkLines{w: a.err}
	if onTerminal(a.err) {
		steps.bar = progressbar.NewOptions(1, progressbar.OptionSetWriter(a.err), progressbar.OptionSetWidth(30),
			progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	}
	rep, err := conformance.Run(ctx, conformance.Options{
		URL: c.URL, Host: c.Host, Token: c.Token, Only: c.Only, AllowRemote: c.AllowRemote, Progress: steps.show,
	})
	steps.finish()
	switch {
	case errors.Is(err, conformance.ErrRemote):
		return notThisMachine(c.URL, "write to")
	case errors.Is(err, conformance.ErrUnknownCheck):
		return admin.Usage("%v", err)
	case err != nil:
		return admin.Failed("%v", err)
	}
	var textErr error
	colour := onTerminal(a.out) && os.Getenv("NO_COLOR") == ""
	if err := a.print(c.jsonFlag, rep, func(w io.Writer) { textErr = rep.WriteText(w, colour) }); err != nil || textErr != nil {
		return errors.Join(err, textErr)
	}
	if err := c.writeJUnit(rep); err != nil { // last, so that what was found is seen all the same
		return admin.Failed("%v", err)
	}
	if !rep.Counts.OK() {
		return admin.Failed("%s does not meet the standard: %s", c.URL, rep.Verdict)
	}
	return nil
}

func (c *conformanceCmd) writeJUnit(rep *conformance.Report) error {
	if c.JUnit == "" {
		return nil
	}
	f, err := os.Create(c.JUnit)
	if err != nil {
		return err
	}
	return errors.Join(rep.WriteJUnit(f), f.Close())
}

// checkLines shows how far a run is: a bar at a terminal, a line per section
// elsewhere.
type checkLines struct {
	w       io.Writer
	bar     *progressbar.ProgressBar // nil away from a terminal
	section string
}

func (l *checkLines) show(now conformance.Progress) {
	if l.bar != nil {
		l.bar.ChangeMax(now.Total)
		l.bar.Describe(fmt.Sprintf("%-28.28s", now.Section))
		_ = l.bar.Set(now.Done) // a picture only
		return
	}
	if now.Section != l.section {
		l.section = now.Section
		fmt.Fprintf(l.w, "conformance: %s (%d of %d done)\n", now.Section, now.Done-1, now.Total)
	}
}

func (l *checkLines) finish() {
	if l.bar != nil {
		_ = l.bar.Finish()
	}
}

func onTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
