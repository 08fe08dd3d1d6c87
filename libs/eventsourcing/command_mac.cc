#include "eventsourcing/command_mac.h"

#include <utility>

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>

#include "base/status_macros.h"
#include "eventsourcing/message_traits.h"
#include "security/key_file.h"
#include "security/key_vault.h"

namespace holdfast::eventsourcing {
namespace {

void SerialiseInto(const google::protobuf::Message& message, std::string& out) {
  out.clear();
  google::protobuf::io::StringOutputStream stream(&out);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileMacKeys>> FileMacKeys::Open(const std::string& path,
                                                               Random& random) {
  ASSIGN_OR_RETURN(const security::SecretKey secret,
                   security::OpenKeyFile(path, "commands asked again are not recognised", random));
  return std::make_unique<FileMacKeys>(std::string(secret.view()));
}

absl::StatusOr<MacKeys::Key> FileMacKeys::Current(std::string_view tenant, bool) {
  return Key{1, Of(tenant)};
}

security::SecretKey FileMacKeys::Of(std::string_view tenant) const {
  HmacSha256 hmac(secret_);
  hmac.Update("holdfast/mac/1/command").Update(std::string_view("\0", 1)).Update(tenant);
  return *security::SecretKey::From(AsBytes(hmac.Finish()));
}

absl::StatusOr<MacKeys::Key> VaultMacKeys::Current(std::string_view tenant, bool personal) {
  if (!personal) return others_.Current(tenant, personal);
  ASSIGN_OR_RETURN(security::MacKey key, vault_.LeaseMacKey(tenant, "command"));
  return Key{key.id, std::move(key.key)};
}

absl::StatusOr<CommandMac::Mac> CommandMac::Of(const std::string& tenant, std::string_view method,
                                               const google::protobuf::Message& command) {
  const bool personal = TraitsOf(*command.GetDescriptor()).personal;
  Keyed& keyed = (personal ? personal_ : keyed_)[tenant];
  if (keyed.hmac == nullptr) {
    ASSIGN_OR_RETURN(const MacKeys::Key key, keys_.Current(tenant, personal));
    keyed.id = key.id;
    keyed.hmac = std::make_unique<HmacSha256>(key.bytes.view());
  }
  if (TraitsOf(*command.GetDescriptor()).resolved) {
    const std::unique_ptr<google::protobuf::Message> copy(command.New());
    copy->CopyFrom(command);
    ClearResolved(*copy);
    SerialiseInto(*copy, buffer_);
  } else {
    SerialiseInto(command, buffer_);
  }
  keyed.hmac->Update(method).Update(std::string_view("\0", 1)).Update(buffer_);
  // What the command says of a person does not stay behind.
  if (personal) security::Cleanse(buffer_.data(), buffer_.size());
  return Mac{keyed.id, keyed.hmac->Finish()};
}

}  // namespace holdfast::eventsourcing
