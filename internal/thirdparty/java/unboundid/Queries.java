import com.unboundid.scim2.client.ScimService;
import com.unboundid.scim2.client.SearchResultHandler;
import com.unboundid.scim2.common.GenericScimResource;
import com.unboundid.scim2.common.exceptions.BadRequestException;
import com.unboundid.scim2.common.exceptions.ScimException;
import com.unboundid.scim2.common.filters.Filter;
import com.unboundid.scim2.common.messages.ListResponse;
import com.unboundid.scim2.common.messages.SortOrder;
import com.unboundid.scim2.common.types.GroupResource;
import com.unboundid.scim2.common.types.ServiceProviderConfigResource;
import com.unboundid.scim2.common.types.UserResource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Filters, lists and what the server may leave out. */
final class Queries {
	private static final int CROWD = 7;
	private static final String OF_CROWD = "displayName eq \"Crowd\"";

	private final Checks checks;
	private final ScimService scim;
	private final ServiceProviderConfigResource config;
	private final UserResource ada;
	private final GroupResource group;

	Queries(Checks checks, ScimService scim, ServiceProviderConfigResource config, UserResource ada, GroupResource group) {
		this.checks = checks;
		this.scim = scim;
		this.config = config;
		this.ada = ada;
		this.group = group;
	}

	/** Makes a crowd of users to look among, and leaves it. */
	void run() throws ScimException {
		for (int i = 0; i < CROWD; i++) {
			scim.create("Users", new UserResource().setUserName("crowd-" + i).setDisplayName("Crowd").setTitle("T" + (CROWD - i)));
		}
		filters();
		lists();
		announced();
	}

	private void lists() {
		checks.check("list by startIndex and count", () -> {
			Set<String> seen = new HashSet<>();
			for (int start = 1; start <= CROWD; start += 3) {
				ListResponse<UserResource> page = scim.searchRequest("Users").filter(OF_CROWD).page(start, 3).invoke(UserResource.class);
				Checks.equal(CROWD, page.getTotalResults(), "totalResults");
				Checks.equal(start, page.getStartIndex(), "startIndex");
				Checks.equal(page.getResources().size(), page.getItemsPerPage(), "itemsPerPage");
				page.forEach(user -> Checks.that(seen.add(user.getId()), "every user once"));
			}
			Checks.equal(CROWD, seen.size(), "users over all pages");
		});
		checks.check("list count 0", () -> {
			ListResponse<UserResource> page = scim.searchRequest("Users").filter(OF_CROWD).page(1, 0).invoke(UserResource.class);
			Checks.equal(CROWD, page.getTotalResults(), "totalResults");
			Checks.that(page.getResources() == null || page.getResources().isEmpty(), "no resources");
		});
		checks.check("list with a result handler", () -> {
			Seen seen = new Seen();
			scim.searchRequest("Users").filter(OF_CROWD).invoke(seen, UserResource.class);
			Checks.equal(CROWD, seen.total, "totalResults");
			Checks.equal(CROWD, seen.names.size(), "users");
		});
		checks.check("search by POST", () -> {
			ListResponse<UserResource> page = scim.searchRequest("Users").filter(OF_CROWD).attributes("userName").page(1, 2)
					.invokePost(UserResource.class);
			Checks.equal(CROWD, page.getTotalResults(), "totalResults");
			Checks.equal(2, page.getResources().size(), "users on the page");
			Checks.equal(null, page.getResources().get(0).getDisplayName(), "displayName");
		});
		checks.check("search by POST of all types", () -> {
			ListResponse<GenericScimResource> all = scim.searchRequest("").filter("id eq \"" + ada.getId() + "\" or id eq \"" + group.getId() + "\"").invokePost(GenericScimResource.class);
			Checks.equal(2, all.getTotalResults(), "totalResults");
		});
	}

	private void filters() throws ScimException {
		String[][] table = {
			{"filter eq", Filter.eq("userName", "ADA").toString(), "ada"},
			{"filter eq true", "userName eq \"ada\" and active eq true", "ada"},
			{"filter externalId", Filter.eq("externalId", "ext-ada").toString(), "ada"},
			{"filter sub-attribute", Filter.sw("name.familyName", "love").toString(), "ada"},
			{"filter co", Filter.and(Filter.co("userName", "rowd-"), Filter.eq("title", "T1")).toString(), "crowd-6"},
			{"filter or and not", Filter.and(Filter.or(Filter.eq("userName", "ada"), Filter.eq("userName", "crowd-1")), Filter.not(Filter.pr("title"))).toString(), "ada"},
			{"filter value path", "emails[type eq \"work\" and value co \"@acme.example\"]", "ada"},
			{"filter extension", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq \"Engines\"", "ada"},
			{"filter date", "userName eq \"ada\" and meta.lastModified gt \"2011-05-13T04:42:34Z\"", "ada"},
			{"filter ge and le", Filter.and(Filter.ge("title", "T1"), Filter.le("title", "T1")).toString(), "crowd-6"},
			{"filter lt", Filter.and(Filter.sw("userName", "crowd-"), Filter.lt("userName", "crowd-1")).toString(), "crowd-0"},
			{"filter ne", "title ne \"T1\" and userName ew \"-5\"", "crowd-5"},
		};
		for (String[] row : table) {
			checks.check(row[0], () -> {
				List<String> names = new ArrayList<>();
				scim.search("Users", row[1], UserResource.class).forEach(user -> names.add(user.getUserName()));
				Checks.equal(List.of(row[2]), names, row[1]);
			});
		}
		checks.check("filter nothing matches", () -> Checks.equal(0, scim.search("Users", "userName eq \"nobody\"", UserResource.class).getTotalResults(), "totalResults"));
		checks.check("filter groups by member", () -> {
			ListResponse<GroupResource> found = scim.search("Groups", Filter.eq("members.value", ada.getId()).toString(), GroupResource.class);
			Checks.equal(1, found.getTotalResults(), "totalResults");
		});
		checks.check("error 400 for a broken filter", () -> {
			BadRequestException e = Checks.refused(BadRequestException.class, () -> scim.search("Users", "userName eq", UserResource.class));
			Checks.equal("invalidFilter", e.getScimError().getScimType(), "scimType");
		});
	}

	/** What the server may leave out: used where announced, else refused or left aside. */
	private void announced() {
		checks.check("sort", () -> {
			List<String> titles = new ArrayList<>();
			scim.searchRequest("Users").filter(OF_CROWD).sort("title", SortOrder.DESCENDING).invoke(UserResource.class).forEach(user -> titles.add(user.getTitle()));
			List<String> sorted = new ArrayList<>(titles);
			sorted.sort(Collections.reverseOrder());
			Checks.equal(CROWD, titles.size(), "users");
			Checks.that(!config.getSort().isSupported() || titles.equals(sorted), "titles are not sorted: " + titles);
		});
		checks.check("list by cursor", () -> {
			if (!config.getPagination().supportsCursorPagination()) {
				Checks.equal(CROWD, scim.searchRequest("Users").filter(OF_CROWD).firstPageCursorWithCount(3).invoke(UserResource.class).getTotalResults(), "totalResults, the cursor left aside");
				return;
			}
			Set<String> seen = new HashSet<>();
			ListResponse<UserResource> page = scim.searchRequest("Users").filter(OF_CROWD).firstPageCursorWithCount(3).invoke(UserResource.class);
			while (true) {
				page.forEach(user -> Checks.that(seen.add(user.getId()), "every user once"));
				if (page.getNextCursor() == null) {
					break;
				}
				page = scim.searchRequest("Users").filter(OF_CROWD).pageWithCursor(page.getNextCursor(), 3).invoke(UserResource.class);
			}
			Checks.equal(CROWD, seen.size(), "users over all pages");
		});
		checks.check("me, for a token that stands for no user", () -> {
			ScimException e = Checks.refused(ScimException.class, () -> scim.retrieve(ScimService.ME_URI, UserResource.class));
			Checks.that(List.of(404, 501).contains(e.getScimError().getStatus()), "status " + e.getScimError().getStatus());
		});
	}

	/** Collects what the SDK streams. */
	private static final class Seen implements SearchResultHandler<UserResource> {
		private final Set<String> names = new HashSet<>();
		private int total;

		@Override
		public void startIndex(int startIndex) {
			Checks.equal(1, startIndex, "startIndex");
		}

		@Override
		public void itemsPerPage(int itemsPerPage) {
			Checks.equal(CROWD, itemsPerPage, "itemsPerPage");
		}

		@Override
		public void previousCursor(String cursor) {
			throw new AssertionError("a cursor nobody asked for: " + cursor);
		}

		@Override
		public void nextCursor(String cursor) {
			previousCursor(cursor);
		}

		@Override
		public void totalResults(int totalResults) {
			total = totalResults;
		}

		@Override
		public boolean resource(UserResource user) {
			return names.add(user.getUserName());
		}

		@Override
		public void extension(String urn, com.fasterxml.jackson.databind.node.ObjectNode extension) {
			throw new AssertionError("an extension of the list itself: " + urn);
		}
	}
}
