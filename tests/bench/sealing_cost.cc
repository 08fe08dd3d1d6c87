#include "sealing_cost.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "holdfast/testing/v1/shed.pb.h"
#include "holdfast/testing/v1/shed_service.pb.h"

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/status_macros.h"
#include "bench.h"
#include "engine.h"
#include "eventsourcing/opener.h"
#include "keyvault/key_vault_folder.h"
#include "security/sealing.h"
#include "security/sealing_example.h"
#include "testing/people.h"

namespace holdfast::bench {
namespace {

using options::v1::DataClass;
using options::v1::KeyKind;
using options::v1::Role;

constexpr std::size_t kInFlight = 256;
constexpr std::size_t kRows = 1'000;

std::unique_ptr<google::protobuf::Message> Visit(const std::string& member, std::uint64_t) {
  auto visit = std::make_unique<testing::v1::NoteVisit>();
  visit->set_member_id(member);
  return visit;
}
std::unique_ptr<google::protobuf::Message> SealedVisit(const std::string& member, std::uint64_t n) {
  auto message = Visit(member, n);
  auto& visit = static_cast<testing::v1::NoteVisit&>(*message);
  visit.mutable_visitor()->set_text("Ada Lovelace");
  visit.mutable_address()->set_text("12 Mill Lane");
  return message;
}

absl::Status Commands(Bench& bench) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Engine> sealed,
                   Engine::OpenWithKeys(bench.Folder("e19-sealed"), SealedVisit));
  ASSIGN_OR_RETURN(const std::unique_ptr<Engine> plain,
                   Engine::OpenWithKeys(bench.Folder("e19-plain"), Visit));
  const auto rate_of = [&bench](Engine& engine) -> Measure {
    return [&bench, &engine]() -> absl::StatusOr<double> {
      ASSIGN_OR_RETURN(const LoopResult result, engine.Load(kInFlight, bench.settings().slice));
      return result.PerSecond();
    };
  };
  Row row;
  row.path = "commands with two sealed fields";
  row.unit = "commands/s";
  row.durability = "fsync before answer";
  row.note = "keys of 10,000 members by Zipf's law, leased for a minute";
  return bench.Compare(row, rate_of(*sealed), {{"the same without them", 0.50, rate_of(*plain)}});
}

// An answer of rows, each sealed under a key of its own.
class Rows {
 public:
  static absl::StatusOr<Rows> Sealed(security::KeyVault& vault) {
    Rows rows;
    for (std::size_t i = 0; i < kRows; ++i) {
      const security::KeyOwner owner{
          DataClass::COMMUNITY, KeyKind::RECORD, {absl::StrCat("tool-", i)}};
      ASSIGN_OR_RETURN(const std::vector<security::LeasedKey> leased,
                       vault.LeaseForSealing({kTenant, kContext, {owner}}));
      journal::v1::SealedField field = security::FieldOfAda();
      field.mutable_origin()->set_context(kContext);
      field.set_class_(DataClass::COMMUNITY);
      field.set_kind(KeyKind::RECORD);
      field.mutable_keys()->Assign(leased[0].keys.begin(), leased[0].keys.end());
      field.set_lease_id(leased[0].lease_id);
      type::v1::Personal value;
      value.set_text("Ada Lovelace");
      security::Seal(leased[0].lease_key.view(), value, SystemRandom(), field);
      rows.keys_.push_back(security::ValueKeysOf(leased[0].lease_key.view(), field.salt(),
                                                 security::AssociatedData(field)));
      testing::v1::ToolRow& row = *rows.answer_.add_tools();
      row.set_tool_id(owner.refs[0]);
      row.mutable_donor()->set_sealed(field.SerializeAsString());
      rows.fields_.push_back(std::move(field));
    }
    return rows;
  }

  // Rows a second, as an answer passes the way out.
  absl::StatusOr<double> Open(security::KeyVault& vault, security::AuditClient& audit) const {
    const eventsourcing::Opener opener(vault);
    const security::Principal reader = testing::PersonWith(kTenant, {Role::COORDINATOR});
    testing::v1::ListToolsResponse answer = answer_;
    const absl::Time began = absl::Now();
    ASSIGN_OR_RETURN(security::AuditReceipt receipt, audit.Record({.tenant = kTenant,
                                                                   .actor_ref = "someone",
                                                                   .method = "/Bench",
                                                                   .rows = kRows,
                                                                   .time = began}));
    opener.Open(answer, *reader, std::move(receipt));
    const absl::Duration took = absl::Now() - began;
    if (answer.tools(kRows - 1).donor().text().empty())
      return absl::InternalError("a row did not open");
    return kRows / absl::ToDoubleSeconds(took);
  }

  // The same with every key at hand.
  absl::StatusOr<double> Decrypt() const {
    std::size_t opened = 0;
    const absl::Time began = absl::Now();
    for (std::size_t i = 0; i < kRows; ++i)
      opened += security::Unseal(keys_[i], fields_[i]) ? std::size_t{1} : std::size_t{0};
    const absl::Duration took = absl::Now() - began;
    if (opened != kRows) return absl::InternalError("a row did not open");
    return kRows / absl::ToDoubleSeconds(took);
  }

 private:
  Rows() = default;
  testing::v1::ListToolsResponse answer_;
  std::vector<journal::v1::SealedField> fields_;
  std::vector<security::ValueKeys> keys_;
};

absl::Status Opening(Bench& bench) {
  ASSIGN_OR_RETURN(const std::unique_ptr<keyvault::LocalKeyVault> vault,
                   keyvault::OpenKeyVaultFolder(bench.Folder("e19-keys")));
  testing::NotedAudit audit(SystemClock());
  ASSIGN_OR_RETURN(const Rows rows, Rows::Sealed(*vault));
  Row row;
  row.path = "opening of 1,000 sealed rows";
  row.unit = "rows/s";
  row.note = "a key of its own for each, read and unwrapped; audit log in memory";
  return bench.Compare(
      row, [&]() { return rows.Open(*vault, audit); },
      {{"decryption alone, keys at hand", 0.20, [&rows]() { return rows.Decrypt(); }}});
}

}  // namespace

absl::Status SealingCost(Bench& bench) {
  RETURN_IF_ERROR(Commands(bench));
  return Opening(bench);
}

}  // namespace holdfast::bench
