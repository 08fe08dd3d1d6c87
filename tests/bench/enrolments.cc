#include "enrolments.h"

#include <utility>

#include "holdfast/testing/v1/shed.pb.h"
#include "holdfast/type/v1/type.pb.h"

#include "absl/strings/str_cat.h"
#include "shed_platform.h"

namespace holdfast::bench {

Enrolments::Enrolments(const std::string& address, std::string token)
    : load_(address, std::move(token), kEnrol, kCallers,
            testing::v1::EnrolMember::default_instance(), type::v1::Receipt::default_instance(),
            [](google::protobuf::Message& request, std::uint64_t number) {
              auto& enrol = static_cast<testing::v1::EnrolMember&>(request);
              enrol.set_member_id(absl::StrCat("m-", number));
              enrol.set_limit(3);
            }) {}

absl::StatusOr<LoopResult> Enrolments::Run(absl::Duration duration) {
  return ClosedLoop::Run(kCallers, duration, [this](std::size_t slot, ClosedLoop::Done done) {
    load_.Start(slot, std::move(done));
  });
}

}  // namespace holdfast::bench
