// whoami | people | version
#include <string>

#include "holdfast/directory/v1/directory.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/invocation.h"
#include "cli/progress.h"

namespace holdfast::cli {
namespace {

std::string RoleNames(const google::protobuf::RepeatedField<int>& roles) {
  return absl::StrJoin(roles, "+", [](std::string* out, int role) {
    out->append(options::v1::Role::Code_Name(static_cast<options::v1::Role::Code>(role)));
  });
}

absl::Status WhoAmI(Invocation& in) {
  directory::v1::Session session;
  RETURN_IF_ERROR(in.session().Call("/holdfast.directory.v1.SessionService/GetSession",
                                    directory::v1::GetSessionRequest(), session));
  Rows rows{{"tenant", "agency", "reference", "roles"}, {}, {}};
  rows.rows.push_back(
      {session.tenant(), session.agency(), session.actor_ref(), RoleNames(session.roles())});
  return in.output().Print(session, rows);
}

absl::Status People(Invocation& in) {
  directory::v1::People people;
  RETURN_IF_ERROR(in.session().Call("/holdfast.directory.v1.DevelopmentIssuerService/ListPeople",
                                    directory::v1::ListPeopleRequest(), people));
  Rows rows{{"tenant", "as", "title", "roles"}, {}, {}};
  for (const auto& person : people.people()) {
    if (person.tenant() != in.session().options().tenant) continue;
    rows.rows.push_back({person.tenant(), person.as(), person.title(), RoleNames(person.roles())});
  }
  return in.output().Print(people, rows);
}

absl::Status Version(Invocation& in) {
  return in.output().Raw("holdfast 0.1.0\n");
}

}  // namespace

Commands SessionCommands() {
  return {
      {"whoami",
       "Who is asking, in which tenant, with which roles",
       {},
       {},
       "holdfast whoami",
       WhoAmI},
      {"people", "Whom one can be in the demonstration: --as", {}, {}, "holdfast people", People},
      {"version", "The version of this program", {}, {}, "holdfast version", Version},
  };
}

}  // namespace holdfast::cli
