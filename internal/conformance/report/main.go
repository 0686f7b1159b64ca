// Command report turns the output of `go test -json` into the conformance table.
//
//	report -write docs/reference/conformance.md test.json
//	report -check docs/reference/conformance.md test.json
//
// Every requirement is proven by a test of this run that carries its id, or
// declined with a reason in declined.tsv: both modes fail on one that is neither,
// on one that is both, and on one whose test failed. -check also fails when the
// table does not say what this run proved.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"

	"scimedge/internal/conformance"
	"scimedge/internal/thirdparty"
)

func main() {
	write := flag.Bool("write", false, "write the table")
	check := flag.Bool("check", false, "compare the table with this run")
	flag.Parse()
	if flag.NArg() != 2 || *write == *check {
		fmt.Fprintln(os.Stderr, "usage: report -write|-check TABLE.md TEST.json")
		os.Exit(2)
	}
	if err := run(*write, flag.Arg(0), flag.Arg(1)); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

func run(write bool, table, output string) error {
	f, err := os.Open(output)
	if err != nil {
		return err
	}
	defer f.Close()
	proofs, err := readProofs(f)
	if err != nil {
		return err
	}
	rows, err := conformance.Matrix()
	if err != nil {
		return err
	}
	declined, err := conformance.Declined()
	if err != nil {
		return err
	}
	deviations, err := thirdparty.Deviations()
	if err != nil {
		return err
	}
	text, sum := render(rows, proofs, declined)
	text += suitesOfOthers(deviations)
	fmt.Println(sum)
	if write {
		if err := os.WriteFile(table, []byte(text), 0o644); err != nil {
			return err
		}
	}
	if err := gaps(rows, proofs, declined); err != nil || write {
		return err
	}
	have, err := os.ReadFile(table)
	if err != nil {
		return err
	}
	if string(have) != text {
		return fmt.Errorf("%s does not say what this run proved; run `make conformance` and look at the difference before you commit it", table)
	}
	return nil
}

// proof is what the tests say of one requirement.
type proof struct {
	passed, failed []string
}

// readProofs collects the outcomes of all tests whose names hold ids. A subtest
// counts for the ids of its parents too, so only the outermost name that holds
// an id is listed.
func readProofs(r io.Reader) (map[string]*proof, error) {
	type event struct{ Action, Package, Test string }
	proofs := map[string]*proof{}
	in := bufio.NewScanner(r)
	in.Buffer(nil, 16<<20)
	tests := 0
	for in.Scan() {
		var e event
		if err := json.Unmarshal(in.Bytes(), &e); err != nil {
			continue // a line of a tool that ran beside the tests
		}
		if e.Test == "" || e.Action != "pass" && e.Action != "fail" {
			continue
		}
		tests++
		parent, last, nested := cutLast(e.Test)
		claimed := conformance.IDs(last)
		inherited := map[string]bool{}
		if nested {
			for _, id := range conformance.IDs(parent) {
				inherited[id] = true
			}
		}
		name := strings.TrimPrefix(e.Package, "scimedge/") + "." + e.Test
		for _, id := range claimed {
			if inherited[id] {
				continue
			}
			p := proofs[id]
			if p == nil {
				p = &proof{}
				proofs[id] = p
			}
			if e.Action == "pass" {
				p.passed = append(p.passed, name)
			} else {
				p.failed = append(p.failed, name)
			}
		}
	}
	if tests == 0 {
		return nil, fmt.Errorf("no test ran: the output holds none")
	}
	return proofs, in.Err()
}

func cutLast(test string) (parent, last string, nested bool) {
	i := strings.LastIndex(test, "/")
	if i < 0 {
		return "", test, false
	}
	return test[:i], test[i+1:], true
}

// listed bounds the tests named per requirement, so that the table stays readable.
const listed = 3

// gaps names every requirement that is neither proven nor declined, or both.
func gaps(rows []conformance.Requirement, proofs map[string]*proof, declined map[string]string) error {
	var problems []error
	for _, r := range rows {
		p := proofs[r.ID]
		switch {
		case p != nil && len(p.failed) > 0:
			problems = append(problems, fmt.Errorf("%s: its test failed", r.ID))
		case p == nil && declined[r.ID] == "":
			problems = append(problems, fmt.Errorf("%s: no test carries this id and declined.tsv gives no reason: %s", r.ID, r.Text))
		case p != nil && declined[r.ID] != "":
			problems = append(problems, fmt.Errorf("%s: declined, and proven by %s: take it out of declined.tsv", r.ID, p.passed[0]))
		}
	}
	return errors.Join(problems...)
}

func render(rows []conformance.Requirement, proofs map[string]*proof, declined map[string]string) (text, summary string) {
	var b strings.Builder
	proven, failing, left := 0, 0, 0
	section := ""
	for _, r := range rows {
		if s := r.Section(); s != section {
			section = s
			fmt.Fprintf(&b, "\n## %s\n\n| ID | Level | Requirement | State | Tests, or the reason |\n|---|---|---|---|---|\n", s)
		}
		state, tests := "open", ""
		if reason := declined[r.ID]; reason != "" {
			state, tests = "declined", cell(reason)
			left++
		}
		if p := proofs[r.ID]; p != nil {
			names := append(append([]string(nil), p.failed...), p.passed...)
			sort.Strings(names)
			tests = listing(names)
			state = "proven"
			proven++
			if len(p.failed) > 0 {
				state = "FAILS"
				proven--
				failing++
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.ID, r.Level, cell(r.Text), state, tests)
	}
	summary = fmt.Sprintf("conformance: %d requirements, %d proven, %d declined with a reason, %d failing, %d open", len(rows), proven, left, failing, len(rows)-proven-failing-left)
	head := "# Conformance\n\n" +
		"Which requirement of SCIM 2.0, and which observed behaviour of an identity provider (idp-N), is proven by which test.\n" +
		"Generated by `make conformance` from a test run; `make test` fails when it no longer holds, and on a row that is neither\n" +
		"proven nor *declined* with a reason. Checks of [suites of others](third-party-suites.md) that do not pass are\n" +
		"explained [at the end](#suites-of-others).\n\n" +
		strings.TrimPrefix(summary, "conformance: ") + ".\n"
	return head + b.String(), summary
}

// suitesOfOthers is the table of their checks that do not pass.
func suitesOfOthers(rows []thirdparty.Deviation) string {
	var b strings.Builder
	b.WriteString("\n## Suites of others\n\n" +
		"Checks of the [third-party suites](third-party-suites.md) that do not pass, and why. `both` stands for both profiles.\n\n" +
		"| Suite | Profile | Check | Why it does not pass | Decided by |\n|---|---|---|---|---|\n")
	for _, d := range rows {
		fmt.Fprintf(&b, "| %s | %s | `%s` | %s | %s |\n", d.Suite, d.Profile, cell(d.Check), cell(d.Reason), d.Reference)
	}
	return b.String()
}

func listing(names []string) string {
	more := ""
	if len(names) > listed {
		more = fmt.Sprintf(" and %d more", len(names)-listed)
		names = names[:listed]
	}
	return cell("`"+strings.Join(names, "`, `")+"`") + more
}

func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
