package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "floor:", err)
		os.Exit(1)
	}
}

const usage = "want: floor http, or floor kv -dir DIR [-record N] [-change N] [-index-rows N]"

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	if len(args) == 0 {
		return fmt.Errorf("%s", usage)
	}
	lines := &lines{in: bufio.NewReaderSize(in, 1<<20), out: json.NewEncoder(out)}
	switch args[0] {
	case "http":
		return serveHTTP(lines)
	case "kv":
		var shape shape
		fs := flag.NewFlagSet("floor kv", flag.ContinueOnError)
		dir := fs.String("dir", "", "folder of the store; must be there")
		fs.IntVar(&shape.record, "record", 1400, "bytes of the record row's value")
		fs.IntVar(&shape.change, "change", 1400, "bytes of the change row's value")
		fs.IntVar(&shape.indexRows, "index-rows", 7, "rows of indexes, one of them unique")
		if err := fs.Parse(args[1:]); err != nil {
			return err
		}
		if *dir == "" {
			return fmt.Errorf("%s", usage)
		}
		return serveKV(ctx, lines, *dir, shape)
	}
	return fmt.Errorf("%s", usage)
}

// lines is the conversation with the driver.
type lines struct {
	in  *bufio.Reader
	out *json.Encoder
}

// next reads one request; io.EOF says that the driver is done.
func (l *lines) next(request any) error {
	line, err := l.in.ReadBytes('\n')
	if err != nil {
		return io.EOF
	}
	if err := json.Unmarshal(line, request); err != nil {
		return fmt.Errorf("request %.200q: %w", line, err)
	}
	return nil
}

func (l *lines) answer(v any) error { return l.out.Encode(v) }
