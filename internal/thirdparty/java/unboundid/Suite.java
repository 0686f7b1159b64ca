import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.unboundid.scim2.client.ScimService;
import com.unboundid.scim2.client.SearchResultHandler;
import com.unboundid.scim2.common.ScimResource;
import com.unboundid.scim2.common.exceptions.BadRequestException;
import com.unboundid.scim2.common.exceptions.NotModifiedException;
import com.unboundid.scim2.common.exceptions.PreconditionFailedException;
import com.unboundid.scim2.common.exceptions.ResourceConflictException;
import com.unboundid.scim2.common.exceptions.ResourceNotFoundException;
import com.unboundid.scim2.common.exceptions.ScimException;
import com.unboundid.scim2.common.exceptions.UnauthorizedException;
import com.unboundid.scim2.common.filters.Filter;
import com.unboundid.scim2.common.messages.ListResponse;
import com.unboundid.scim2.common.messages.PatchOperation;
import com.unboundid.scim2.common.messages.SortOrder;
import com.unboundid.scim2.common.types.Email;
import com.unboundid.scim2.common.types.EnterpriseUserExtension;
import com.unboundid.scim2.common.types.GroupResource;
import com.unboundid.scim2.common.types.Member;
import com.unboundid.scim2.common.types.Name;
import com.unboundid.scim2.common.types.ServiceProviderConfigResource;
import com.unboundid.scim2.common.types.UserResource;
import jakarta.ws.rs.client.ClientBuilder;
import jakarta.ws.rs.client.ClientRequestFilter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.glassfish.jersey.client.ClientConfig;
import org.glassfish.jersey.jnh.connector.JavaNetHttpConnectorProvider;

/** Drives the server with the UnboundID SCIM 2 SDK: Suite BASE_URL TOKEN. */
public final class Suite {
	private static final int CROWD = 7;

	private final Checks checks = new Checks();
	private final ScimService scim;
	private final ScimService stranger;
	private ServiceProviderConfigResource config;
	private UserResource ada;
	private GroupResource group;

	private Suite(String base, String token) {
		scim = connect(base, token);
		stranger = connect(base, "scim_nobody");
	}

	public static void main(String[] args) throws Exception {
		Suite suite = new Suite(args[0], args[1]);
		suite.config = suite.scim.getServiceProviderConfig();
		suite.discovery();
		suite.creation();
		suite.reading();
		suite.queries();
		suite.announced();
		suite.versions();
		suite.patches();
		suite.groups();
		suite.deletion();
		suite.checks.done();
	}

	private static ScimService connect(String base, String token) {
		ClientConfig client = new ClientConfig().connectorProvider(new JavaNetHttpConnectorProvider());
		ClientRequestFilter bearer = request -> request.getHeaders().putSingle("Authorization", "Bearer " + token);
		return new ScimService(ClientBuilder.newClient(client).register(bearer).target(base));
	}

	private void discovery() {
		checks.check("discovery service provider config", () -> {
			Checks.that(config.getPatch().isSupported(), "patch is supported");
			Checks.that(config.getFilter().isSupported(), "filter is supported");
			Checks.that(config.getEtag().isSupported(), "etag is supported");
			Checks.that(!config.getAuthenticationSchemes().isEmpty(), "an authentication scheme");
		});
		checks.check("discovery resource types", () -> {
			Set<String> names = new TreeSet<>();
			scim.getResourceTypes().forEach(type -> names.add(type.getName()));
			Checks.that(names.containsAll(List.of("User", "Group")), "User and Group in " + names);
			Checks.equal("/Users", scim.getResourceType("User").getEndpoint().toString(), "endpoint of User");
		});
		checks.check("discovery schemas", () -> {
			Set<String> ids = new TreeSet<>();
			scim.getSchemas().forEach(schema -> ids.add(schema.getId()));
			String user = "urn:ietf:params:scim:schemas:core:2.0:User";
			Checks.that(ids.contains(user), user + " in " + ids);
			Checks.equal("User", scim.getSchema(user).getName(), "name of the schema");
		});
		checks.check("error 401 without a valid token", () -> {
			UnauthorizedException e = Checks.refused(UnauthorizedException.class, () -> stranger.search("Users", null, UserResource.class));
			Checks.equal(401, e.getScimError().getStatus(), "status");
		});
	}

	private void creation() {
		checks.check("create user", () -> {
			UserResource user = new UserResource().setUserName("ada").setDisplayName("Ada").setActive(true)
					.setName(new Name().setGivenName("Ada").setFamilyName("Lovelace"))
					.setEmails(List.of(new Email().setValue("ada@acme.example").setType("work").setPrimary(true)));
			user.setExternalId("ext-ada");
			EnterpriseUserExtension work = new EnterpriseUserExtension().setDepartment("Engines").setEmployeeNumber("1815");
			user.setExtension(work);
			ada = scim.create("Users", user);
			Checks.that(ada.getId() != null, "an id");
			Checks.equal("User", ada.getMeta().getResourceType(), "meta.resourceType");
			Checks.that(ada.getMeta().getLocation().toString().endsWith("/Users/" + ada.getId()), "meta.location " + ada.getMeta().getLocation());
			Checks.equal(work, ada.getExtension(EnterpriseUserExtension.class), "the enterprise extension");
		});
		checks.check("get by id", () -> Checks.equal(ada, scim.retrieve("Users", ada.getId(), UserResource.class), "the user"));
		checks.check("create user keeps the password to itself", () -> {
			UserResource user = scim.create("Users", new UserResource().setUserName("secretive").setPassword("correct horse"));
			Checks.equal(null, user.getPassword(), "password");
			scim.delete(user);
		});
		checks.check("create group", () -> {
			GroupResource wanted = new GroupResource().setDisplayName("Engineers").setMembers(List.of(new Member().setValue(ada.getId())));
			group = scim.create("Groups", wanted);
			Checks.equal(List.of(ada.getId()), members(group), "members");
		});
		checks.check("error 409 for a name in use", () -> {
			ResourceConflictException e = Checks.refused(ResourceConflictException.class,
					() -> scim.create("Users", new UserResource().setUserName("ADA")));
			Checks.equal("uniqueness", e.getScimError().getScimType(), "scimType");
		});
		checks.check("error 400 for a user without a name", () -> {
			BadRequestException e = Checks.refused(BadRequestException.class,
					() -> scim.create("Users", new UserResource().setDisplayName("Nobody")));
			Checks.equal("invalidValue", e.getScimError().getScimType(), "scimType");
		});
	}

	private void reading() {
		checks.check("get by location", () -> Checks.equal("ada", scim.retrieve(ada.getMeta().getLocation(), UserResource.class).getUserName(), "userName"));
		checks.check("get shows groups", () -> {
			UserResource user = scim.retrieve("Users", ada.getId(), UserResource.class);
			Checks.equal(1, user.getGroups().size(), "number of groups");
			Checks.equal(group.getId(), user.getGroups().get(0).getValue(), "groups.value");
		});
		checks.check("get attributes", () -> {
			UserResource user = scim.retrieveRequest("Users", ada.getId()).attributes("userName", "emails.value").invoke(UserResource.class);
			Checks.equal("ada", user.getUserName(), "userName");
			Checks.equal("ada@acme.example", user.getEmails().get(0).getValue(), "emails.value");
			Checks.equal(null, user.getEmails().get(0).getType(), "emails.type");
			Checks.equal(null, user.getDisplayName(), "displayName");
		});
		checks.check("get excludedAttributes", () -> {
			UserResource user = scim.retrieveRequest("Users", ada.getId()).excludedAttributes("name", "id").invoke(UserResource.class);
			Checks.equal(null, user.getName(), "name");
			Checks.equal(ada.getId(), user.getId(), "id, which is always returned");
			Checks.equal("Ada", user.getDisplayName(), "displayName");
		});
		checks.check("error 404 for an unknown id", () -> {
			ResourceNotFoundException e = Checks.refused(ResourceNotFoundException.class,
					() -> scim.retrieve("Users", "018f0000-0000-7000-8000-000000000000", UserResource.class));
			Checks.equal(404, e.getScimError().getStatus(), "status");
		});
	}

	private void queries() throws ScimException {
		for (int i = 0; i < CROWD; i++) {
			scim.create("Users", new UserResource().setUserName("crowd-" + i).setDisplayName("Crowd").setTitle("T" + (CROWD - i)));
		}
		String crowd = Filter.eq("displayName", "Crowd").toString();
		filters();
		checks.check("list by startIndex and count", () -> {
			Set<String> seen = new HashSet<>();
			for (int start = 1; start <= CROWD; start += 3) {
				ListResponse<UserResource> page = scim.searchRequest("Users").filter(crowd).page(start, 3).invoke(UserResource.class);
				Checks.equal(CROWD, page.getTotalResults(), "totalResults");
				Checks.equal(start, page.getStartIndex(), "startIndex");
				Checks.equal(page.getResources().size(), page.getItemsPerPage(), "itemsPerPage");
				page.forEach(user -> Checks.that(seen.add(user.getId()), "every user once"));
			}
			Checks.equal(CROWD, seen.size(), "users over all pages");
		});
		checks.check("list count 0", () -> {
			ListResponse<UserResource> page = scim.searchRequest("Users").filter(crowd).page(1, 0).invoke(UserResource.class);
			Checks.equal(CROWD, page.getTotalResults(), "totalResults");
			Checks.that(page.getResources() == null || page.getResources().isEmpty(), "no resources");
		});
		checks.check("list with a result handler", () -> {
			Seen seen = new Seen();
			scim.searchRequest("Users").filter(crowd).invoke(seen, UserResource.class);
			Checks.equal(CROWD, seen.total, "totalResults");
			Checks.equal(CROWD, seen.names.size(), "users");
		});
		checks.check("search by POST", () -> {
			ListResponse<UserResource> page = scim.searchRequest("Users").filter(crowd).attributes("userName").page(1, 2).invokePost(UserResource.class);
			Checks.equal(CROWD, page.getTotalResults(), "totalResults");
			Checks.equal(2, page.getResources().size(), "users on the page");
			Checks.equal(null, page.getResources().get(0).getDisplayName(), "displayName");
		});
		checks.check("search by POST of all types", () -> {
			ListResponse<ScimResource> all = scim.searchRequest("").filter("id eq \"" + ada.getId() + "\" or id eq \"" + group.getId() + "\"").invokePost(ScimResource.class);
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
		String crowd = "displayName eq \"Crowd\"";
		checks.check("sort", () -> {
			List<String> titles = new ArrayList<>();
			scim.searchRequest("Users").filter(crowd).sort("title", SortOrder.DESCENDING).invoke(UserResource.class).forEach(user -> titles.add(user.getTitle()));
			List<String> sorted = new ArrayList<>(titles);
			sorted.sort(Collections.reverseOrder());
			Checks.equal(CROWD, titles.size(), "users");
			Checks.that(!config.getSort().isSupported() || titles.equals(sorted), "titles are not sorted: " + titles);
		});
		checks.check("list by cursor", () -> {
			if (!config.getPagination().supportsCursorPagination()) {
				Checks.equal(CROWD, scim.searchRequest("Users").filter(crowd).firstPageCursorWithCount(3).invoke(UserResource.class).getTotalResults(), "totalResults, the cursor left aside");
				return;
			}
			Set<String> seen = new HashSet<>();
			ListResponse<UserResource> page = scim.searchRequest("Users").filter(crowd).firstPageCursorWithCount(3).invoke(UserResource.class);
			while (true) {
				page.forEach(user -> Checks.that(seen.add(user.getId()), "every user once"));
				if (page.getNextCursor() == null) {
					break;
				}
				page = scim.searchRequest("Users").filter(crowd).pageWithCursor(page.getNextCursor(), 3).invoke(UserResource.class);
			}
			Checks.equal(CROWD, seen.size(), "users over all pages");
		});
		checks.check("me, for a token that stands for no user", () -> {
			ScimException e = Checks.refused(ScimException.class, () -> scim.retrieve(ScimService.ME_URI, UserResource.class));
			Checks.that(List.of(404, 501).contains(e.getScimError().getStatus()), "status " + e.getScimError().getStatus());
		});
	}

	private void versions() {
		checks.check("etag replace with If-Match", () -> {
			UserResource before = scim.retrieve("Users", ada.getId(), UserResource.class);
			UserResource after = scim.replaceRequest(before).ifMatch().invoke();
			ada = scim.replaceRequest(after.setTitle("Countess")).ifMatch().invoke();
			Checks.equal("Countess", ada.getTitle(), "title");
			Checks.that(!ada.getMeta().getVersion().equals(before.getMeta().getVersion()), "a new version");
		});
		checks.check("etag replace of a stale version", () -> {
			UserResource stale = scim.retrieve("Users", ada.getId(), UserResource.class);
			ada = scim.replace(scim.retrieve("Users", ada.getId(), UserResource.class).setTitle("Analyst"));
			Checks.refused(PreconditionFailedException.class, () -> scim.replaceRequest(stale.setTitle("Lost")).ifMatch().invoke());
			Checks.equal("Analyst", scim.retrieve(ada).getTitle(), "title");
		});
		checks.check("etag get with If-None-Match", () -> {
			Checks.refused(NotModifiedException.class, () -> scim.retrieveRequest(scim.retrieve(ada)).ifNoneMatch().invoke());
		});
		checks.check("etag patch of a stale version", () -> {
			UserResource stale = scim.retrieve(ada);
			ada = scim.modifyRequest(scim.retrieve(ada)).ifMatch().replaceValue("nickName", "Countess").invoke();
			Checks.refused(PreconditionFailedException.class, () -> scim.modifyRequest(stale).ifMatch().replaceValue("nickName", "Lost").invoke());
			Checks.equal("Countess", scim.retrieve(ada).getNickName(), "nickName");
		});
		checks.check("replace clears what is left out", () -> {
			UserResource replaced = scim.replace(scim.retrieve(ada).setNickName(null).setTitle(null));
			Checks.equal(null, replaced.getNickName(), "nickName");
			Checks.equal(null, scim.retrieve(ada).getTitle(), "title");
		});
	}

	private void patches() {
		checks.check("patch replace", () -> Checks.equal("Augusta", scim.modifyRequest("Users", ada.getId()).replaceValue("name.givenName", "Augusta").invoke(UserResource.class).getName().getGivenName(), "name.givenName"));
		checks.check("patch replace a boolean", () -> Checks.equal(false, scim.modifyRequest("Users", ada.getId()).replaceValue("active", false).invoke(UserResource.class).getActive(), "active"));
		checks.check("patch add a value", () -> {
			UserResource user = scim.modifyRequest("Users", ada.getId()).addValues("emails", new Email().setValue("ada@home.example").setType("home")).invoke(UserResource.class);
			Checks.equal(2, user.getEmails().size(), "emails");
		});
		checks.check("patch replace by value path", () -> {
			UserResource user = scim.modifyRequest("Users", ada.getId()).replaceValue("emails[type eq \"home\"].value", "countess@home.example").invoke(UserResource.class);
			Checks.equal(List.of("ada@acme.example", "countess@home.example"), user.getEmails().stream().map(Email::getValue).sorted().toList(), "emails");
		});
		checks.check("patch remove by value path", () -> {
			UserResource user = scim.modifyRequest("Users", ada.getId()).removeValues("emails[type eq \"home\"]").invoke(UserResource.class);
			Checks.equal(List.of("ada@acme.example"), user.getEmails().stream().map(Email::getValue).toList(), "emails");
		});
		checks.check("patch remove an attribute", () -> Checks.equal(null, scim.modifyRequest("Users", ada.getId()).removeValues("name.givenName").invoke(UserResource.class).getName().getGivenName(), "name.givenName"));
		checks.check("patch the extension", () -> {
			UserResource user = scim.modifyRequest("Users", ada.getId())
					.replaceValue("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "Poetry").invoke(UserResource.class);
			Checks.equal("Poetry", user.getExtension(EnterpriseUserExtension.class).getDepartment(), "department");
		});
		checks.check("patch several operations at once", () -> {
			UserResource user = scim.modifyRequest("Users", ada.getId()).replaceValue("active", true)
					.addOperation(PatchOperation.add("nickName", JsonNodeFactory.instance.textNode("Enchantress"))).removeValues("displayName").invoke(UserResource.class);
			Checks.equal(true, user.getActive(), "active");
			Checks.equal("Enchantress", user.getNickName(), "nickName");
			Checks.equal(null, user.getDisplayName(), "displayName");
		});
		checks.check("patch is all or nothing", () -> {
			Checks.refused(BadRequestException.class, () -> scim.modifyRequest("Users", ada.getId()).replaceValue("title", "Half").replaceValue("active", "perhaps").invoke(UserResource.class));
			Checks.equal(null, scim.retrieve(ada).getTitle(), "title");
		});
		checks.check("error 400 for a value path nothing matches", () -> {
			BadRequestException e = Checks.refused(BadRequestException.class, () -> scim.modifyRequest("Users", ada.getId()).replaceValue("emails[type eq \"other\"].value", "x@y.example").invoke(UserResource.class));
			Checks.equal("noTarget", e.getScimError().getScimType(), "scimType");
		});
		checks.check("error 400 for a change of what is read-only", () -> {
			BadRequestException e = Checks.refused(BadRequestException.class, () -> scim.modifyRequest("Users", ada.getId()).replaceValue("id", "1").invoke(UserResource.class));
			Checks.equal("mutability", e.getScimError().getScimType(), "scimType");
		});
	}

	private void groups() {
		checks.check("group add members", () -> {
			List<Member> crowd = new ArrayList<>();
			scim.search("Users", "displayName eq \"Crowd\"", UserResource.class).forEach(user -> crowd.add(new Member().setValue(user.getId())));
			scim.modifyRequest("Groups", group.getId()).addValues("members", crowd).invoke(GroupResource.class);
			group = scim.retrieve("Groups", group.getId(), GroupResource.class);
			Checks.equal(CROWD + 1, members(group).size(), "members");
		});
		checks.check("group remove a member by value path", () -> {
			scim.modifyRequest("Groups", group.getId()).removeValues("members[value eq \"" + ada.getId() + "\"]").invoke(GroupResource.class);
			group = scim.retrieve("Groups", group.getId(), GroupResource.class);
			Checks.that(!members(group).contains(ada.getId()), "the member is gone");
			Checks.equal(CROWD, members(group).size(), "members");
		});
		checks.check("group replace", () -> {
			group = scim.replace(group.setDisplayName("Poets").setMembers(List.of(new Member().setValue(ada.getId()))));
			Checks.equal("Poets", group.getDisplayName(), "displayName");
			Checks.equal(List.of(ada.getId()), members(group), "members");
		});
		checks.check("group remove all members", () -> {
			scim.modifyRequest("Groups", group.getId()).removeValues("members").invoke(GroupResource.class);
			group = scim.retrieve("Groups", group.getId(), GroupResource.class);
			Checks.equal(List.of(), members(group), "members");
		});
	}

	private void deletion() {
		checks.check("etag delete of a stale version", () -> {
			String stale = scim.retrieve(ada).getMeta().getVersion();
			scim.modifyRequest("Users", ada.getId()).replaceValue("nickName", "Later").invoke(UserResource.class);
			Checks.refused(PreconditionFailedException.class, () -> scim.deleteRequest("Users", ada.getId()).ifMatch(stale).invoke());
		});
		checks.check("delete", () -> {
			scim.delete(scim.retrieve(ada));
			Checks.refused(ResourceNotFoundException.class, () -> scim.retrieve(ada));
			Checks.refused(ResourceNotFoundException.class, () -> scim.delete("Users", ada.getId()));
		});
		checks.check("delete frees the name", () -> scim.delete(scim.create("Users", new UserResource().setUserName("ada"))));
		checks.check("delete everything", () -> {
			for (UserResource user : scim.search("Users", null, UserResource.class)) {
				scim.delete(user);
			}
			scim.delete(group);
			Checks.equal(0, scim.search("Users", null, UserResource.class).getTotalResults(), "users left");
			Checks.equal(0, scim.search("Groups", null, GroupResource.class).getTotalResults(), "groups left");
		});
	}

	private static List<String> members(GroupResource of) {
		return of.getMembers() == null ? List.of() : of.getMembers().stream().map(Member::getValue).toList();
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
