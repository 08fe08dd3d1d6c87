#include "testing/shed_service.h"

#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"

namespace holdfast::testing {
namespace {

absl::Status ListInto(const readmodel::Reader& reader, v1::ListMembersResponse& response) {
  absl::Status scanned =
      reader.Scan<MemberList>("", "", 0, [&response](std::string_view key, const v1::MemberState&) {
        response.add_member_id(std::string(key));
        return true;
      });
  *response.mutable_as_of() = reader.as_of();
  return scanned;
}

absl::StatusOr<v1::ListMembersResponse> ListMembers(const v1::ListMembersRequest&,
                                                    const app::QueryContext& context) {
  v1::ListMembersResponse response;
  if (absl::Status listed = ListInto(context.reader(), response); !listed.ok()) return listed;
  return response;
}

absl::StatusOr<v1::ListToolsResponse> ListTools(const v1::ListToolsRequest&,
                                                const app::QueryContext& context) {
  v1::ListToolsResponse response;
  absl::Status scanned = context.reader().Scan<ToolList>(
      "", "", 0, [&response](std::string_view, const v1::ToolRow& row) {
        *response.add_tools() = row;
        return true;
      });
  *response.mutable_as_of() = context.reader().as_of();
  if (!scanned.ok()) return scanned;
  return response;
}

absl::StatusOr<v1::EnrolManyResponse> EnrolNumbered(std::uint32_t count,
                                                    app::CallContext& context) {
  for (std::uint32_t i = 0; i < count; ++i) {
    context.Start({std::make_unique<v1::EnrolMember>(Enrol(absl::StrCat("m", i))),
                   absl::StrCat("member/", i)});
  }
  auto receipts = context.AwaitStarted();
  if (!receipts.ok()) return receipts.status();
  v1::EnrolManyResponse response;
  for (const type::v1::Receipt& receipt : *receipts) {
    if (receipt.repeated() || receipt.already_so()) {
      response.set_already(response.already() + 1);
    } else {
      response.set_enrolled(response.enrolled() + 1);
    }
  }
  if (receipts->empty()) return response;
  auto reader = context.ReadAfter(receipts->back());
  if (!reader.ok()) return reader.status();
  v1::ListMembersResponse listed;
  if (absl::Status status = ListInto(**reader, listed); !status.ok()) return status;
  response.set_visible(static_cast<std::uint32_t>(listed.member_id_size()));
  return response;
}

absl::StatusOr<v1::EnrolManyResponse> EnrolMany(const v1::EnrolManyRequest& request,
                                                app::CallContext& context) {
  return EnrolNumbered(request.count(), context);
}

// One member for each byte of the file, which is kept in the tenant's folder first.
absl::StatusOr<v1::EnrolManyResponse> EnrolFromFile(const app::Source<v1::Part>& source,
                                                    app::CallContext& context) {
  std::ofstream kept(context.tenant_folder() + "/members");
  std::uint32_t bytes = 0;
  v1::Part part;
  while (true) {
    const absl::StatusOr<bool> more = source(part);
    if (!more.ok()) return more.status();
    if (!*more) break;
    kept << part.content();
    bytes += static_cast<std::uint32_t>(part.content().size());
  }
  return EnrolNumbered(bytes, context);
}

absl::Status WatchMembers(const v1::WatchMembersRequest&, app::CallContext& context,
                          const app::Sink<v1::ListMembersResponse>& sink) {
  v1::ListMembersResponse response;
  if (absl::Status listed = ListInto(context.reader(), response); !listed.ok()) return listed;
  while (sink(response)) {
  }
  return absl::CancelledError("");
}

}  // namespace

v1::EnrolMember Enrol(std::string_view member) {
  v1::EnrolMember enrol;
  enrol.set_member_id(std::string(member));
  enrol.set_limit(1);
  return enrol;
}

app::Service Shed() {
  return app::Service("holdfast.testing.v1.ShedService")
      .Streams<Tool, Member>()
      .Views<MemberList, ToolList>()
      .Query(ListMembers)
      .Query(ListTools)
      .Handle(EnrolMany)
      .HandleUpload(EnrolFromFile)
      .HandleWatch(WatchMembers);
}

}  // namespace holdfast::testing
