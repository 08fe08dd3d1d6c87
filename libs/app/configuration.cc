#include "app/configuration.h"

#include <fstream>
#include <sstream>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "app/issuers_file.h"
#include "base/status_macros.h"
#include "rpc/field_validator.h"
#include "rpc/routes.h"
#include "rpc/transport_security.h"
#include "security/strict_json.h"

namespace holdfast::app {
namespace {

namespace pb = google::protobuf;

constexpr int kMaxDepth = 16;

absl::string_view View(std::string_view text) {
  return {text.data(), text.size()};
}

// Single values override, lists replace.
void Overlay(const pb::Message& from, pb::Message& into) {
  const pb::Reflection& reflection = *from.GetReflection();
  std::vector<const pb::FieldDescriptor*> fields;
  reflection.ListFields(from, &fields);
  for (const pb::FieldDescriptor* field : fields) {
    if (field->is_repeated()) reflection.ClearField(&into, field);
    if (!field->is_repeated() && field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE) {
      Overlay(reflection.GetMessage(from, field), *reflection.MutableMessage(&into, field));
    }
  }
  // What is left to merge are single values and lists: both as they should be.
  pb::Message* const copy = from.New();
  copy->CopyFrom(from);
  for (const pb::FieldDescriptor* field : fields) {
    if (!field->is_repeated() && field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE) {
      reflection.ClearField(copy, field);
    }
  }
  into.MergeFrom(*copy);
  delete copy;
}

bool IsLoopback(const std::string& host) {
  return host == "::1" || host == "[::1]" || absl::StartsWith(host, "127.");
}

template <class Owner>
void Default(Owner& owner, std::uint32_t (Owner::*get)() const, void (Owner::*set)(std::uint32_t),
             std::uint32_t value) {
  if ((owner.*get)() == 0) (owner.*set)(value);
}

void FillDeployment(config::v1::Process& config) {
  using namespace config::v1;
  KafkaJournal& kafka = *config.mutable_kafka();
  Default(kafka, &KafkaJournal::partitions, &KafkaJournal::set_partitions, 24);
  Default(kafka, &KafkaJournal::replication, &KafkaJournal::set_replication, 3);
  Default(kafka, &KafkaJournal::message_timeout_ms, &KafkaJournal::set_message_timeout_ms, 120'000);
  Default(kafka, &KafkaJournal::read_timeout_ms, &KafkaJournal::set_read_timeout_ms, 5000);
  if (kafka.topic_prefix().empty()) kafka.set_topic_prefix("holdfast.journal.");
  Instance& instance = *config.mutable_instance();
  Default(instance, &Instance::replicas, &Instance::set_replicas, 1);
  Default(instance, &Instance::heartbeat_timeout_ms, &Instance::set_heartbeat_timeout_ms, 5000);
  if (instance.control_topic().empty()) instance.set_control_topic("holdfast.control");
}

void FillArchiver(config::v1::Process& config) {
  using config::v1::Archiver;
  Archiver& archiver = *config.mutable_archiver();
  if (archiver.folder().empty()) archiver.set_folder(config.data_dir() + "/archive");
  Default(archiver, &Archiver::max_segment_age_ms, &Archiver::set_max_segment_age_ms, 60'000);
  Default(archiver, &Archiver::max_segment_bytes, &Archiver::set_max_segment_bytes, 64U << 20U);
}

void FillDefaults(config::v1::Process& config) {
  using namespace config::v1;
  const bool development = config.environment() == Process::DEVELOPMENT;
  if (config.data_dir().empty()) config.set_data_dir(".data");

  Listen& listen = *config.mutable_listen();
  if (listen.host().empty()) listen.set_host("127.0.0.1");
  if (!listen.has_http_port()) listen.set_http_port(8080);
  if (!listen.has_grpc_port()) listen.set_grpc_port(8081);
  if (!listen.has_admin_port()) listen.set_admin_port(8082);
  if (!listen.has_replace_taken_ports()) listen.set_replace_taken_ports(development);

  EmbeddedJournal& journal = *config.mutable_journal();
  Default(journal, &EmbeddedJournal::partitions, &EmbeddedJournal::set_partitions, 4);
  Default(journal, &EmbeddedJournal::group_max_bytes, &EmbeddedJournal::set_group_max_bytes,
          1U << 20U);
  Default(journal, &EmbeddedJournal::group_max_records, &EmbeddedJournal::set_group_max_records,
          2000);

  Actor& actor = *config.mutable_actor();
  Default(actor, &Actor::max_queue_per_tenant, &Actor::set_max_queue_per_tenant, 1024);
  Default(actor, &Actor::max_queue_per_partition, &Actor::set_max_queue_per_partition, 8192);
  Default(actor, &Actor::append_timeout_ms, &Actor::set_append_timeout_ms, 15000);
  Default(actor, &Actor::state_cache_entries, &Actor::set_state_cache_entries, 16384);

  if (config.has_kafka()) FillDeployment(config);
  if (config.delivery().relay().positions_topic().empty()) {
    config.mutable_delivery()->mutable_relay()->set_positions_topic("holdfast.relayed");
  }
  if (config.has_archiver()) FillArchiver(config);

  Drain& drain = *config.mutable_drain();
  if (!development) Default(drain, &Drain::delay_ms, &Drain::set_delay_ms, 5000);
  Default(drain, &Drain::deadline_ms, &Drain::set_deadline_ms, 20000);
}

// What may not stand together.
absl::Status CheckSense(const config::v1::Process& config) {
  using config::v1::Demo;
  using config::v1::Process;
  const bool demo = config.demo().data() != Demo::NONE;
  if (demo && config.environment() == Process::PRODUCTION) {
    return absl::InvalidArgumentError(
        "demo.data: the demonstration hands a token to whoever asks, so PRODUCTION refuses it; "
        "leave --demo out");
  }
  if (demo && !config.directory().tenants().empty()) {
    return absl::InvalidArgumentError(
        "demo.data: the demonstration runs beside no real tenant; leave out --demo, or "
        "directory.tenants");
  }
  // An archiver of brokers is a process that nobody signs in to.
  const bool archiver = config.has_archiver() && config.has_kafka();
  const std::string& issuers = config.security().issuers_file();
  if (!demo && !archiver && issuers.empty()) {
    return absl::InvalidArgumentError(
        "security.issuers_file: nobody could sign in; name the file of the OpenID providers that "
        "are believed, or start with --demo or --demo=empty");
  }
  if (!issuers.empty()) {
    RETURN_IF_ERROR(
        WithContext(ReadIssuers(issuers, config.environment()).status(), "security.issuers_file"));
  }
  RETURN_IF_ERROR(WithContext(TransportOf(config).status(), "security.certificates"));
  const config::v1::Instance& instance = config.instance();
  if (config.has_kafka() && instance.ordinal() >= instance.replicas()) {
    return absl::InvalidArgumentError(
        "instance.ordinal: the first instance is 0, so it must be below instance.replicas");
  }
  if (config.has_kafka() && instance.shared_secrets().empty()) {
    return absl::InvalidArgumentError(
        "instance.shared_secrets: the processes of a deployment recognise each other's commands by "
        "a key that they share; name the folder that holds command-mac.key");
  }
  if (!config.has_kafka() && config.has_instance()) {
    return absl::InvalidArgumentError(
        "instance: the embedded journal has one process; leave it out, or name the broker by "
        "kafka.bootstrap");
  }
  if (!instance.doors().empty()) {
    RETURN_IF_ERROR(WithContext(rpc::Routes::Parse(instance.doors()).status(), "instance.doors"));
  }
  if (!IsLoopback(config.listen().host())) {
    return absl::InvalidArgumentError(
        "listen.host: without TLS only loopback is served; use 127.0.0.1 or ::1");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status OverlayJson(std::string_view json, std::string_view source,
                         config::v1::Process& into) {
  if (!security::IsStrictJson(json, kMaxDepth)) {
    return absl::InvalidArgumentError(
        absl::StrCat(View(source), ": it is no JSON, or a key stands twice; correct it"));
  }
  config::v1::Process read;
  pb::util::JsonParseOptions options;
  options.ignore_unknown_fields = false;
  const auto parsed = pb::util::JsonStringToMessage({json.data(), json.size()}, &read, options);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(View(source), ": ", std::string(parsed.message()),
                     "; see proto/holdfast/config/v1/config.proto for what there is"));
  }
  Overlay(read, into);
  return absl::OkStatus();
}

absl::Status OverlayFile(const std::string& path, config::v1::Process& into) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return absl::NotFoundError(
        absl::StrCat(path, ": cannot be read; check the path given to --config"));
  }
  std::ostringstream text;
  text << file.rdbuf();
  return OverlayJson(text.str(), path, into);
}

absl::Status OverlaySetting(std::string_view setting, config::v1::Process& into) {
  const std::size_t equals = setting.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return absl::InvalidArgumentError("--set: write it as path=value, as in listen.grpc_port=8081");
  }
  const std::string path(setting.substr(0, equals));
  const std::string value(setting.substr(equals + 1));
  const pb::Descriptor* within = config::v1::Process::descriptor();
  const pb::FieldDescriptor* field = nullptr;
  std::string json;
  int depth = 0;
  for (const absl::string_view part : absl::StrSplit(path, '.')) {
    field = within == nullptr ? nullptr : within->FindFieldByName(std::string(part));
    if (field == nullptr || field->is_repeated()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--set ", path, ": there is no such single value in the configuration"));
    }
    absl::StrAppend(&json, "{", security::JsonQuote(field->name()), ":");
    ++depth;
    within = field->message_type();
  }
  if (field == nullptr || within != nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("--set ", path, ": it is a group of values; name one of them"));
  }
  const bool bare = field->cpp_type() == pb::FieldDescriptor::CPPTYPE_BOOL;
  absl::StrAppend(&json, bare ? value : security::JsonQuote(value),
                  std::string(static_cast<std::size_t>(depth), '}'));
  return OverlayJson(json, absl::StrCat("--set ", path), into);
}

absl::Status Complete(config::v1::Process& config) {
  FillDefaults(config);
  rpc::FieldValidator validator;
  RETURN_IF_ERROR(validator.Prepare(*config.GetDescriptor()));
  RETURN_IF_ERROR(validator.Check(config, absl::Now(), {.refuse_unknown = true}));
  return CheckSense(config);
}

absl::StatusOr<std::shared_ptr<const rpc::TransportSecurity>> TransportOf(
    const config::v1::Process& config) {
  const std::string& folder = config.security().certificates();
  if (folder.empty()) return nullptr;
  const bool production = config.environment() == config::v1::Process::PRODUCTION;
  return rpc::TransportSecurity::Open(rpc::TransportFilesIn(folder),
                                      production ? "production" : "development");
}

}  // namespace holdfast::app
