import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.unboundid.scim2.client.ScimService;
import com.unboundid.scim2.common.exceptions.BadRequestException;
import com.unboundid.scim2.common.exceptions.NotModifiedException;
import com.unboundid.scim2.common.exceptions.PreconditionFailedException;
import com.unboundid.scim2.common.messages.PatchOperation;
import com.unboundid.scim2.common.types.Email;
import com.unboundid.scim2.common.types.EnterpriseUserExtension;
import com.unboundid.scim2.common.types.GroupResource;
import com.unboundid.scim2.common.types.Member;
import com.unboundid.scim2.common.types.UserResource;
import java.util.ArrayList;
import java.util.List;

/** Versions, PUT and PATCH, of a user and a group. */
final class Changes {
	private final Checks checks;
	private final ScimService scim;
	private UserResource ada;
	private GroupResource group;

	Changes(Checks checks, ScimService scim, UserResource ada, GroupResource group) {
		this.checks = checks;
		this.scim = scim;
		this.ada = ada;
		this.group = group;
	}

	void run() {
		versions();
		patches();
		groups();
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
			Checks.equal(crowd.size() + 1, Suite.members(group).size(), "members");
		});
		checks.check("group remove a member by value path", () -> {
			int before = Suite.members(group).size();
			scim.modifyRequest("Groups", group.getId()).removeValues("members[value eq \"" + ada.getId() + "\"]").invoke(GroupResource.class);
			group = scim.retrieve("Groups", group.getId(), GroupResource.class);
			Checks.that(!Suite.members(group).contains(ada.getId()), "the member is gone");
			Checks.equal(before - 1, Suite.members(group).size(), "members");
		});
		checks.check("group replace", () -> {
			group = scim.replace(group.setDisplayName("Poets").setMembers(List.of(new Member().setValue(ada.getId()))));
			Checks.equal("Poets", group.getDisplayName(), "displayName");
			Checks.equal(List.of(ada.getId()), Suite.members(group), "members");
		});
		checks.check("group remove all members", () -> {
			scim.modifyRequest("Groups", group.getId()).removeValues("members").invoke(GroupResource.class);
			group = scim.retrieve("Groups", group.getId(), GroupResource.class);
			Checks.equal(List.of(), Suite.members(group), "members");
		});
	}
}
