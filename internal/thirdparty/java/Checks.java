import java.util.Objects;

/**
 * Runs the checks of one client and prints one line for each, in the form the
 * Go test reads: "check", the name, "ok" or "failed", and a detail, by tabs.
 * The last line is "done" and the number of checks, so that a program which
 * ends early is noticed.
 */
final class Checks {
	/** What a check does; it fails by throwing. */
	interface Body {
		void run() throws Exception;
	}

	private int count;

	void check(String name, Body body) {
		String status = "ok";
		String detail = "";
		try {
			body.run();
		} catch (Exception | AssertionError e) {
			status = "failed";
			detail = e.toString().replaceAll("\\s+", " ");
		}
		count++;
		System.out.println(String.join("\t", "check", name, status, detail));
	}

	void done() {
		System.out.println("done\t" + count);
	}

	static void equal(Object want, Object got, String what) {
		that(Objects.equals(want, got), what + ": want " + want + ", got " + got);
	}

	static void that(boolean holds, String what) {
		if (!holds) {
			throw new AssertionError(what);
		}
	}

	/** Runs a call that has to be refused, and returns how it was. */
	static <E extends Exception> E refused(Class<E> as, Body body) throws Exception {
		try {
			body.run();
		} catch (Exception e) {
			if (as.isInstance(e)) {
				return as.cast(e);
			}
			throw e;
		}
		throw new AssertionError("the server accepted it, " + as.getSimpleName() + " was wanted");
	}
}
