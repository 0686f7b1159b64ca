import com.fasterxml.jackson.databind.node.TextNode;
import de.captaingoldfish.scim.sdk.client.ScimClientConfig;
import de.captaingoldfish.scim.sdk.client.ScimRequestBuilder;
import de.captaingoldfish.scim.sdk.client.builder.ListBuilder;
import de.captaingoldfish.scim.sdk.client.resources.MetaConfiguration;
import de.captaingoldfish.scim.sdk.client.response.ServerResponse;
import de.captaingoldfish.scim.sdk.common.constants.EndpointPaths;
import de.captaingoldfish.scim.sdk.common.constants.enums.Comparator;
import de.captaingoldfish.scim.sdk.common.constants.enums.HttpMethod;
import de.captaingoldfish.scim.sdk.common.constants.enums.PatchOp;
import de.captaingoldfish.scim.sdk.common.constants.enums.SortOrder;
import de.captaingoldfish.scim.sdk.common.resources.EnterpriseUser;
import de.captaingoldfish.scim.sdk.common.resources.Group;
import de.captaingoldfish.scim.sdk.common.resources.ServiceProvider;
import de.captaingoldfish.scim.sdk.common.resources.User;
import de.captaingoldfish.scim.sdk.common.resources.base.ScimObjectNode;
import de.captaingoldfish.scim.sdk.common.resources.complex.Name;
import de.captaingoldfish.scim.sdk.common.resources.multicomplex.Email;
import de.captaingoldfish.scim.sdk.common.resources.multicomplex.Member;
import de.captaingoldfish.scim.sdk.common.response.BulkResponse;
import de.captaingoldfish.scim.sdk.common.response.ListResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Drives the server with the client of Captain Goldfish's SCIM SDK: Suite BASE_URL TOKEN. */
public final class Suite {
	/** More users than a page holds when nobody says how many it should. */
	private static final int CROWD = 120;

	private final Checks checks = new Checks();
	private final ScimRequestBuilder scim;
	private final ScimRequestBuilder stranger;
	private ServiceProvider config;
	private User ada;
	private Group group;

	private Suite(String base, String token) {
		scim = connect(base, token);
		stranger = connect(base, "scim_nobody");
	}

	public static void main(String[] args) {
		Suite suite = new Suite(args[0], args[1]);
		suite.discovery();
		suite.creation();
		suite.reading();
		suite.queries();
		suite.versions();
		suite.patches();
		suite.bulk();
		suite.deletion();
		suite.checks.done();
	}

	private static ScimRequestBuilder connect(String base, String token) {
		return new ScimRequestBuilder(base, ScimClientConfig.builder().httpHeaders(Map.of("Authorization", "Bearer " + token))
				.expectedHttpResponseHeaders(Map.of("Content-Type", "application/scim+json")).build());
	}

	/** The answer's resource, of a call that had to be answered as SCIM wants it. */
	private static <T extends ScimObjectNode> T answered(int status, ServerResponse<T> response) {
		Checks.equal(status, response.getHttpStatus(), "status, with " + response.getResponseBody());
		Checks.that(response.isValidScimResponse(), "the client takes it for no SCIM response: " + response.getHttpHeaders());
		return gathered(response);
	}

	/** The same for what the client put together from several answers: it keeps no headers to judge. */
	private static <T extends ScimObjectNode> T gathered(ServerResponse<T> response) {
		Checks.equal(true, response.isSuccess(), "success, with " + response.getHttpStatus() + " and " + response.getResponseBody());
		return response.getResource();
	}

	private static void refused(int status, String type, ServerResponse<?> response) {
		Checks.equal(status, response.getHttpStatus(), "status, with " + response.getResponseBody());
		Checks.that(!response.isSuccess(), "the client takes it for a success");
		Checks.equal(status, response.getErrorResponse().getStatus(), "status in the body");
		Checks.equal(type, response.getErrorResponse().getScimType().orElse(null), "scimType");
	}

	private ListBuilder<User> users() {
		return scim.list(User.class, EndpointPaths.USERS);
	}

	private ListBuilder<User> crowd() {
		return users().filter("displayName", Comparator.EQ, "Crowd").build();
	}

	private void discovery() {
		checks.check("discovery service provider", () -> {
			config = scim.loadServiceProviderConfiguration();
			Checks.that(config.getPatchConfig().isSupported() && config.getETagConfig().isSupported() && config.getFilterConfig().isSupported(), "patch, etag and filter");
		});
		checks.check("discovery meta configuration", () -> {
			MetaConfiguration meta = gathered(scim.loadMetaConfiguration().sendRequest());
			Set<String> types = meta.getResourceTypes().stream().map(type -> type.getName()).collect(Collectors.toSet());
			Checks.that(types.containsAll(List.of("User", "Group")), "User and Group in " + types);
			Set<String> schemas = meta.getSchemas().stream().map(schema -> schema.getNonNullId()).collect(Collectors.toSet());
			Checks.that(schemas.contains("urn:ietf:params:scim:schemas:core:2.0:Group"), "the schema of Group in " + schemas);
		});
		checks.check("error 401 without a valid token", () -> refused(401, null, stranger.list(User.class, EndpointPaths.USERS).get().sendRequest()));
	}

	private void creation() {
		checks.check("create user", () -> {
			User user = User.builder().userName("grace").externalId("ext-grace").displayName("Grace").active(true)
					.name(Name.builder().givenName("Grace").familyName("Hopper").build())
					.emails(List.of(Email.builder().value("grace@acme.example").type("work").primary(true).build()))
					.enterpriseUser(EnterpriseUser.builder().department("Navy").build()).build();
			ServerResponse<User> response = scim.create(User.class, EndpointPaths.USERS).setResource(user).sendRequest();
			ada = answered(201, response);
			Checks.equal("grace", ada.getUserName().orElse(null), "userName");
			Checks.equal("Navy", ada.getEnterpriseUser().flatMap(EnterpriseUser::getDepartment).orElse(null), "department");
			Checks.equal(ada.getMeta().flatMap(meta -> meta.getLocation()).orElse(null), response.getHttpHeaders().get("Location"), "the Location header");
		});
		checks.check("create group", () -> {
			Group wanted = Group.builder().displayName("Compilers").members(List.of(Member.builder().value(ada.getId().get()).type("User").build())).build();
			group = answered(201, scim.create(Group.class, EndpointPaths.GROUPS).setResource(wanted).sendRequest());
			Checks.equal(1, group.getMembers().size(), "members");
		});
		checks.check("error 409 for a name in use", () -> refused(409, "uniqueness",
				scim.create(User.class, EndpointPaths.USERS).setResource(User.builder().userName("GRACE").build()).sendRequest()));
		checks.check("error 400 for a body that is no JSON", () -> refused(400, "invalidSyntax",
				scim.create(User.class, EndpointPaths.USERS).setResource("{\"userName\":").sendRequest()));
	}

	private void reading() {
		checks.check("get", () -> Checks.equal(ada.getUserName(), answered(200, scim.get(User.class, EndpointPaths.USERS, ada.getId().get()).sendRequest()).getUserName(), "userName"));
		checks.check("error 404 for an unknown id", () -> refused(404, null, scim.get(User.class, EndpointPaths.USERS, "nobody").sendRequest()));
		checks.check("error 404 for an unknown endpoint", () -> refused(404, null, scim.get(User.class, "/Robots", "1").sendRequest()));
	}

	private void queries() {
		checks.check("create a crowd", () -> {
			for (int i = 0; i < CROWD; i++) {
				answered(201, scim.create(User.class, EndpointPaths.USERS).setResource(User.builder().userName("crew-" + i).displayName("Crowd").nickName("N" + (CROWD - i)).build()).sendRequest());
			}
		});
		checks.check("filter built with and, or, not and parentheses", () -> {
			ListBuilder<User> query = users().filter(true, "userName", Comparator.SW, "crew-").or("userName", Comparator.EQ, "grace", true).and("nickName", Comparator.EQ, "N1").build();
			Checks.equal(List.of("crew-" + (CROWD - 1)), names(answered(200, query.get().sendRequest())), "users");
		});
		checks.check("filter by presence", () -> Checks.equal(List.of("grace"), names(answered(200, users().filter("name.familyName", Comparator.PR, null).build().get().sendRequest())), "users"));
		checks.check("filter in small letters", () -> Checks.equal(List.of("grace"), names(answered(200, users().filter("userName eq \"grace\" and active eq true").get().sendRequest())), "users"));
		checks.check("error 400 for a broken filter", () -> refused(400, "invalidFilter", users().filter("userName zz \"x\"").get().sendRequest()));
		checks.check("list attributes", () -> {
			User found = answered(200, crowd().attributes("nickName").get().sendRequest()).getListedResources().get(0);
			Checks.that(found.getNickName().isPresent() && found.getId().isPresent(), "nickName and id");
			Checks.that(found.getUserName().isEmpty(), "no userName");
		});
		checks.check("list all pages", () -> {
			ListResponse<User> all = gathered(crowd().get().getAll());
			Checks.equal(CROWD, new HashSet<>(names(all)).size(), "users");
		});
		checks.check("list a page in the middle", () -> {
			ListResponse<User> page = answered(200, crowd().startIndex(3).count(2).get().sendRequest());
			Checks.equal(List.of((long) CROWD, 3L, 2), List.of(page.getTotalResults(), page.getStartIndex(), page.getItemsPerPage()), "totalResults, startIndex, itemsPerPage");
		});
		checks.check("search by POST", () -> {
			ListResponse<User> found = answered(200, crowd().post().sendRequest());
			Checks.equal((long) CROWD, found.getTotalResults(), "totalResults");
			Checks.that(found.getItemsPerPage() < CROWD && names(found).size() == found.getItemsPerPage(), "a page: " + found.getItemsPerPage());
		});
		checks.check("search by POST, all pages", () -> Checks.equal(CROWD, new HashSet<>(names(gathered(crowd().post().getAll()))).size(), "users"));
		checks.check("sort", () -> {
			List<String> nicks = new ArrayList<>();
			answered(200, crowd().sortBy("nickName").sortOrder(SortOrder.ASCENDING).get().sendRequest()).getListedResources().forEach(user -> nicks.add(user.getNickName().get()));
			Checks.that(!config.getSortConfig().isSupported() || nicks.equals(nicks.stream().sorted().toList()), "nickNames are not sorted: " + nicks);
		});
	}

	private void versions() {
		checks.check("etag update with If-Match", () -> {
			User now = answered(200, scim.get(User.class, EndpointPaths.USERS, ada.getId().get()).sendRequest());
			now.setTitle("Admiral");
			ada = answered(200, scim.update(User.class, EndpointPaths.USERS, ada.getId().get()).setETagForIfMatch(version(now)).setResource(now).sendRequest());
			Checks.equal("Admiral", ada.getTitle().orElse(null), "title");
			refused(412, null, scim.update(User.class, EndpointPaths.USERS, ada.getId().get()).setETagForIfMatch(version(now)).setResource(now).sendRequest());
		});
		checks.check("etag get with If-None-Match", () -> Checks.equal(304,
				scim.get(User.class, EndpointPaths.USERS, ada.getId().get()).setETagForIfNoneMatch(version(ada)).sendRequest().getHttpStatus(), "status"));
		checks.check("etag patch of a stale version", () -> {
			String stale = version(ada);
			ada = answered(200, scim.patch(User.class, EndpointPaths.USERS, ada.getId().get()).addOperation().op(PatchOp.REPLACE).path("title").value("Commodore").build().sendRequest());
			refused(412, null, scim.patch(User.class, EndpointPaths.USERS, ada.getId().get()).addOperation().op(PatchOp.REPLACE).path("title").value("Lost").build()
					// setETagForIfMatch does nothing on a PATCH in this version of the client.
					.sendRequest(Map.of("If-Match", stale)));
		});
	}

	private void patches() {
		checks.check("patch several operations", () -> {
			User patched = answered(200, scim.patch(User.class, EndpointPaths.USERS, ada.getId().get())
					.addOperation().op(PatchOp.ADD).path("emails").valueNode(Email.builder().value("grace@home.example").type("home").build())
					.next().op(PatchOp.REPLACE).path("emails[type eq \"work\"].value").value("hopper@acme.example")
					.next().op(PatchOp.REMOVE).path("displayName")
					.next().op(PatchOp.REPLACE).path("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department").value("Eckert-Mauchly").build().sendRequest());
			Checks.equal(List.of("grace@home.example", "hopper@acme.example"), patched.getEmails().stream().map(email -> email.getValue().get()).sorted().toList(), "emails");
			Checks.that(patched.getDisplayName().isEmpty(), "no displayName");
			Checks.equal("Eckert-Mauchly", patched.getEnterpriseUser().flatMap(EnterpriseUser::getDepartment).orElse(null), "department");
		});
		checks.check("patch without a path, the object in a list", () -> {
			User patched = answered(200, scim.patch(User.class, EndpointPaths.USERS, ada.getId().get()).addOperation().op(PatchOp.ADD).valueNode(User.builder().nickName("Amazing").build()).build().sendRequest());
			Checks.equal("Amazing", patched.getNickName().orElse(null), "nickName");
		});
		checks.check("patch without a path", () -> {
			String body = "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"],\"Operations\":[{\"op\":\"add\",\"value\":{\"nickName\":\"Amazing\"}}]}";
			User patched = answered(200, scim.patch(User.class, EndpointPaths.USERS, ada.getId().get()).setPatchResource(body).sendRequest());
			Checks.equal("Amazing", patched.getNickName().orElse(null), "nickName");
		});
		checks.check("patch members of a group", () -> {
			List<String> crew = gathered(crowd().get().getAll()).getListedResources().stream().map(user -> user.getId().get()).toList();
			List<Member> members = crew.stream().map(id -> Member.builder().value(id).build()).toList();
			scim.patch(Group.class, EndpointPaths.GROUPS, group.getId().get()).addOperation().op(PatchOp.ADD).path("members").valueNodes(members)
					.next().op(PatchOp.REMOVE).path("members[value eq \"" + ada.getId().get() + "\"]").build().sendRequest();
			group = answered(200, scim.get(Group.class, EndpointPaths.GROUPS, group.getId().get()).sendRequest());
			Checks.equal(Set.copyOf(crew), group.getMembers().stream().map(member -> member.getValue().get()).collect(Collectors.toSet()), "members");
		});
		checks.check("error 400 for a path that is none", () -> refused(400, "invalidPath",
				scim.patch(User.class, EndpointPaths.USERS, ada.getId().get()).addOperation().op(PatchOp.REPLACE).path("emails[").valueNode(new TextNode("x")).build().sendRequest()));
	}

	/** Used where announced, refused otherwise. */
	private void bulk() {
		checks.check("bulk with a reference by bulkId", () -> {
			ServerResponse<BulkResponse> response = scim.bulk()
					.bulkRequestOperation(EndpointPaths.USERS).method(HttpMethod.POST).bulkId("sailor").data(User.builder().userName("sailor").displayName("Crowd").build())
					.next().bulkRequestOperation(EndpointPaths.GROUPS).method(HttpMethod.POST).bulkId("navy")
					.data(Group.builder().displayName("Navy").members(List.of(Member.builder().value("bulkId:sailor").type("User").build())).build())
					.sendRequest();
			if (!config.getBulkConfig().isSupported()) {
				refused(501, null, response);
				return;
			}
			BulkResponse answer = answered(200, response);
			Checks.equal(List.of(201, 201), answer.getBulkResponseOperations().stream().map(operation -> operation.getStatus()).toList(), "statuses");
			Group navy = answered(200, scim.get(Group.class, EndpointPaths.GROUPS, madeBy(answer, "navy")).sendRequest());
			Checks.equal(madeBy(answer, "sailor"), navy.getMembers().get(0).getValue().get(), "the member");
			answered(204, scim.delete(Group.class, EndpointPaths.GROUPS, navy.getId().get()).sendRequest());
		});
		checks.check("bulk stops at failOnErrors", () -> {
			ServerResponse<BulkResponse> response = scim.bulk().failOnErrors(1)
					.bulkRequestOperation(EndpointPaths.USERS).method(HttpMethod.POST).bulkId("a").data(User.builder().userName("grace").build())
					.next().bulkRequestOperation(EndpointPaths.USERS).method(HttpMethod.POST).bulkId("b").data(User.builder().userName("never").build())
					.sendRequest();
			if (!config.getBulkConfig().isSupported()) {
				refused(501, null, response);
				return;
			}
			Checks.equal(200, response.getHttpStatus(), "status");
			Checks.equal(List.of(409), response.getResource().getBulkResponseOperations().stream().map(operation -> operation.getStatus()).toList(), "statuses");
			Checks.equal(0L, answered(200, users().filter("userName eq \"never\"").get().sendRequest()).getTotalResults(), "users of the operation after it");
		});
	}

	private void deletion() {
		checks.check("etag delete of a stale version", () -> refused(412, null,
				scim.delete(User.class, EndpointPaths.USERS, ada.getId().get()).setETagForIfMatch("W/\"0\"").sendRequest()));
		checks.check("delete", () -> {
			answered(204, scim.delete(User.class, EndpointPaths.USERS, ada.getId().get()).sendRequest());
			refused(404, null, scim.get(User.class, EndpointPaths.USERS, ada.getId().get()).sendRequest());
		});
		checks.check("delete everything", () -> {
			for (User user : gathered(users().get().getAll()).getListedResources()) {
				answered(204, scim.delete(User.class, EndpointPaths.USERS, user.getId().get()).sendRequest());
			}
			answered(204, scim.delete(Group.class, EndpointPaths.GROUPS, group.getId().get()).sendRequest());
			Checks.equal(0L, answered(200, users().get().sendRequest()).getTotalResults(), "users left");
		});
	}

	private static List<String> names(ListResponse<User> of) {
		return of.getListedResources().stream().map(user -> user.getUserName().get()).toList();
	}

	/** The id at the end of the location, where RFC 7644 has it; the SDK's own servers add one of its own. */
	private static String madeBy(BulkResponse of, String bulkId) {
		String location = of.getByBulkId(bulkId).get().getLocation().get();
		return location.substring(location.lastIndexOf('/') + 1);
	}

	private static String version(User of) {
		return of.getMeta().get().getVersion().get().getEntityTag();
	}
}
