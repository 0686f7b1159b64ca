// Holds the server's PATCH against that of SCIMMY: patches.mjs BASE_URL TOKEN, in
// the root folder. Every case of patches.json is applied to the same user by both.
// They agree when the results are equal, or when both refuse it and its name says
// so. The lines printed are those of python/report.py.
import assert from "node:assert";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";

const installed = createRequire(resolve(".cache/thirdparty/node/package.json"));
const { default: SCIMMY } = await import(installed.resolve("scimmy"));
const { User, EnterpriseUser } = SCIMMY.Schemas;
const { user, cases } = JSON.parse(readFileSync("internal/thirdparty/patches.json", "utf8"));
const [base, token] = process.argv.slice(2);
const serversOwn = ["id", "meta", "schemas"];

User.definition.extend(EnterpriseUser.definition, false);

async function call(method, path, body) {
	const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/scim+json" };
	const answer = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) });
	const text = await answer.text();
	return { ok: answer.ok, text, json: () => JSON.parse(text) };
}

// What a patch is about, in one form: nothing unassigned, values of many in one order.
function plain(of) {
	if (Array.isArray(of)) {
		return of.map(plain).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
	}
	if (of === null || typeof of !== "object") {
		return of;
	}
	const parts = Object.keys(of).filter((name) => !serversOwn.includes(name)).sort().map((name) => [name, plain(of[name])]);
	return Object.fromEntries(parts.filter(([, value]) => value != null && (typeof value !== "object" || Object.keys(value).length > 0)));
}

async function theirs(before, patch) {
	try {
		const source = new User(before, "out");
		// SCIMMY returns nothing where the patch changes nothing.
		return plain(JSON.parse(JSON.stringify((await new SCIMMY.Messages.PatchOp(patch).apply(source)) ?? source)));
	} catch (e) {
		return `refused: ${e.message}`;
	}
}

async function agree(name, operations) {
	const path = `/Users/${(await call("POST", "/Users", user)).json().id}`;
	try {
		const before = (await call("GET", path)).json();
		const patch = { schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], Operations: operations };
		let expected = await theirs(before, patch);
		const answer = await call("PATCH", path, patch);
		const after = plain((await call("GET", path)).json());
		let got = answer.ok ? after : `refused: ${answer.text}`;
		if (typeof expected === "string" && typeof got === "string") {
			assert(name.startsWith("refused: "), `both refuse it: ${expected}, ${got}`);
			[expected, got] = [plain(before), after];
		}
		assert(isDeepStrictEqual(got, expected), `want ${JSON.stringify(expected)}, got ${JSON.stringify(got)}`);
	} finally {
		await call("DELETE", path);
	}
}

for (const [name, operations] of Object.entries(cases)) {
	const failure = await agree(name, operations).then(() => null, (e) => e);
	console.log(["check", name, failure ? "failed" : "ok", (failure?.message ?? "").replace(/\s+/g, " ")].join("\t"));
}
console.log(`done\t${Object.keys(cases).length}`);
