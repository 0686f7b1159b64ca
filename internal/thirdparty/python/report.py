"""Prints one line for each check, in the form the Go test reads: "check", the
name, "ok" or "failed", and a detail, by tabs. The last line is "done" and the
number of checks, so that a program which ends early is noticed."""

from collections import Counter


class Report:
    def __init__(self):
        self.names = Counter()

    def add(self, name, ok, detail=""):
        """Adds a result; a name met before gets a number."""
        self.names[name] += 1
        if self.names[name] > 1:
            name = f"{name} {self.names[name]}"
        print("check", name, "ok" if ok else "failed", " ".join(str(detail).split()), sep="\t")

    def check(self, name, body):
        """Runs a check, which fails by raising."""
        try:
            body()
        except Exception as e:
            self.add(name, False, f"{type(e).__name__}: {e}")
        else:
            self.add(name, True)

    def done(self):
        print("done", self.names.total(), sep="\t")


def equal(want, got, what):
    if want != got:
        raise AssertionError(f"{what}: want {want!r}, got {got!r}")
