import com.unboundid.scim2.client.ScimService;
import com.unboundid.scim2.common.exceptions.BadRequestException;
import com.unboundid.scim2.common.exceptions.PreconditionFailedException;
import com.unboundid.scim2.common.exceptions.ResourceConflictException;
import com.unboundid.scim2.common.exceptions.ResourceNotFoundException;
import com.unboundid.scim2.common.exceptions.UnauthorizedException;
import com.unboundid.scim2.common.types.Email;
import com.unboundid.scim2.common.types.EnterpriseUserExtension;
import com.unboundid.scim2.common.types.GroupResource;
import com.unboundid.scim2.common.types.Member;
import com.unboundid.scim2.common.types.Name;
import com.unboundid.scim2.common.types.ServiceProviderConfigResource;
import com.unboundid.scim2.common.types.UserResource;
import jakarta.ws.rs.client.ClientBuilder;
import jakarta.ws.rs.client.ClientRequestFilter;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.glassfish.jersey.client.ClientConfig;
import org.glassfish.jersey.jnh.connector.JavaNetHttpConnectorProvider;

/** Drives the server with the UnboundID SCIM 2 SDK: Suite BASE_URL TOKEN. */
public final class Suite {
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
		new Queries(suite.checks, suite.scim, suite.config, suite.ada, suite.group).run();
		new Changes(suite.checks, suite.scim, suite.ada, suite.group).run();
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

	static List<String> members(GroupResource of) {
		return of.getMembers() == null ? List.of() : of.getMembers().stream().map(Member::getValue).toList();
	}
}
