#include "rpc/batch_door.h"

#include <utility>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>

#include "google/rpc/error.pb.h"

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/error.h"
#include "rpc/call_observer.h"
#include "rpc/method_plan.h"
#include "rpc/wire_status.h"

namespace holdfast::rpc {
namespace {

namespace pb = google::protobuf;

// "type.googleapis.com/holdfast.initiative.v1.OpenPhase" -> "holdfast.initiative.v1.OpenPhase";
// empty where there is no prefix.
std::string_view TypeOf(const pb::Any& any) {
  const std::string_view url = any.type_url();
  const std::size_t slash = url.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : url.substr(slash + 1);
}

absl::Status NoCommand(const std::string& place) {
  return InvalidFields(
      {{place,
        "is no command of this service; send \"type.googleapis.com/\" and the full name of "
        "the request of one of its commands"}});
}

}  // namespace

void BatchDoor::Add(const MethodPlan& method) {
  HOLDFAST_CHECK(!method.is_public);
  methods_.emplace(method.request->GetDescriptor()->full_name(), &method);
}

absl::Status BatchDoor::CheckCall(const Admitted& call) {
  if (!call.expected_version.has_value()) return absl::OkStatus();
  return InvalidFields({{"holdfast-expected-version",
                         "is of one stream; give each item its own expected_version instead"}});
}

absl::StatusOr<BatchedCommand> BatchDoor::Admit(const Admitted& call,
                                                const type::v1::CommandBatch::Item& item,
                                                int index) const {
  const std::string place = absl::StrCat("items[", index, "].command");
  const std::string_view type = TypeOf(item.command());
  const auto found = methods_.find(absl::string_view(type.data(), type.size()));
  if (found == methods_.end()) return NoCommand(place);
  BatchedCommand batched;
  batched.method = found->second;
  absl::StatusOr<AdmittedItem> admitted = door_.AdmitItem(*batched.method, call, item.command_id());
  if (!admitted.ok()) return admitted.status();
  batched.admitted = *admitted;
  batched.command.reset(batched.method->request->New());
  const std::string& bytes = item.command().value();
  pb::io::ArrayInputStream in(bytes.data(), static_cast<int>(bytes.size()));
  absl::Status read = door_.Read(
      *batched.method, call, in, bytes.size(), [&bytes] { return bytes; }, *batched.command, place);
  if (!read.ok()) return read;
  return batched;
}

void BatchDoor::Tell(const Admitted& call, const MethodPlan& method, const absl::Status& failure,
                     type::v1::CommandResults::Result& result) const {
  const std::string_view trace = std::string_view(call.trace.header).substr(3, 32);
  if (IsOurFault(failure)) door_.observer().Faulted(method, failure, trace);
  *result.mutable_status() = ToWire(ForStrangers(failure, trace));
}

}  // namespace holdfast::rpc
