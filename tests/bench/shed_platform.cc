#include "shed_platform.h"

#include <charconv>
#include <string_view>
#include <utility>
#include <variant>

#include "holdfast/testing/v1/shed_service.pb.h"

#include "absl/strings/str_cat.h"
#include "app/in_process.h"
#include "app/service.h"
#include "base/status_macros.h"
#include "engine.h"
#include "pages.h"
#include "testing/tool_shed.h"

namespace holdfast::bench {
namespace {

namespace v1 = testing::v1;

// A row for each member; each tool that is registered changes one of the first 120.
struct MemberRows {
  static constexpr std::string_view kName = "member_rows@1";
  using Row = v1::MemberState;
  using Event = std::variant<v1::MemberEnrolled, v1::ToolRegistered>;

  static RowKeys Key(const v1::MemberEnrolled&, const EventMeta& meta) { return meta.stream_id; }
  static RowKeys Key(const v1::ToolRegistered&, const EventMeta& meta) {
    const std::string_view digits = meta.stream_id.substr(meta.stream_id.find('-') + 1);
    std::uint64_t number = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), number);
    return absl::StrCat("m-", number % kRowsOfAPage);
  }
  static void Apply(Row& row, const v1::MemberEnrolled& event, const EventMeta&) {
    row.set_enrolled(true);
    row.set_limit(event.limit());
  }
  static void Apply(Row& row, const v1::ToolRegistered&, const EventMeta&) {
    row.set_limit(row.limit() + 1);
  }
};
static_assert(View<MemberRows>);

absl::StatusOr<v1::ListMembersResponse> ListMembers(const v1::ListMembersRequest&,
                                                    const app::QueryContext& context) {
  v1::ListMembersResponse response;
  RETURN_IF_ERROR(context.reader().Scan<MemberRows>(
      "", "", kRowsOfAPage, [&response](std::string_view key, const v1::MemberState&) {
        response.add_member_id(std::string(key));
        return true;
      }));
  *response.mutable_as_of() = context.reader().as_of();
  return response;
}

// The service has more methods, which nothing here calls.
absl::StatusOr<v1::EnrolManyResponse> EnrolMany(const v1::EnrolManyRequest&, app::CallContext&) {
  return absl::UnimplementedError("not measured");
}
absl::StatusOr<v1::EnrolManyResponse> EnrolFromFile(const app::Source<v1::Part>&,
                                                    app::CallContext&) {
  return absl::UnimplementedError("not measured");
}
absl::Status WatchMembers(const v1::WatchMembersRequest&, app::CallContext&,
                          const app::Sink<v1::ListMembersResponse>&) {
  return absl::UnimplementedError("not measured");
}

app::Service Shed() {
  return app::Service("holdfast.testing.v1.ShedService")
      .Streams<testing::Member, testing::Tool>()
      .Views<MemberRows>()
      .Query(ListMembers)
      .Handle(EnrolMany)
      .HandleUpload(EnrolFromFile)
      .HandleWatch(WatchMembers);
}

}  // namespace

ShedPlatform::ShedPlatform(std::unique_ptr<app::InProcess> platform)
    : platform_(std::move(platform)) {}
ShedPlatform::~ShedPlatform() = default;

absl::StatusOr<std::unique_ptr<ShedPlatform>> ShedPlatform::Start(const std::string& folder) {
  ASSIGN_OR_RETURN(std::unique_ptr<app::InProcess> platform, app::InProcess::Start(folder, {Shed}));
  return std::unique_ptr<ShedPlatform>(new ShedPlatform(std::move(platform)));
}

std::string ShedPlatform::address() const {
  return platform_->platform().addresses().grpc;
}

std::string ShedPlatform::Token() const {
  return platform_->platform().TokenOf(kTenant, "trial");
}

}  // namespace holdfast::bench
