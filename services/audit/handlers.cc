#include "audit/handlers.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "archive/key_file.h"
#include "audit/tree_files.h"
#include "audit/views/checkpoint_list.h"
#include "audit/views/entries.h"
#include "audit/views/witness_list.h"
#include "base/error.h"
#include "base/status_macros.h"
#include "base/timestamps.h"
#include "security/audit_bundle.h"
#include "security/checkpoint.h"
#include "security/principal.h"

namespace holdfast::audit {
namespace {

using Key = std::unique_ptr<const security::Ed25519PrivateKey>;

constexpr std::size_t kTile = 256;
constexpr std::uint64_t kCheckpointEvery = 1024;  // entries, in a bundle
constexpr std::uint64_t kMostCheckpoints = 1000;  // in a bundle

// Trees grow one at a time: growing is short, and rare.
absl::Mutex& Growing() {
  static auto& mutex = *new absl::Mutex;
  return mutex;
}

std::string TreeFolder(const app::CallContext& call) {
  return call.tenant_folder() + "/tree";
}

absl::StatusOr<Key> LogKey(const app::CallContext& call) {
  const std::string path = call.tenant_folder() + "/log.key";
  std::error_code error;
  if (std::filesystem::exists(path, error)) return archive::ReadPrivateKey(path);
  return archive::MakeKeyFiles(path);
}

std::string OriginOf(const app::CallContext& call) {
  return absl::StrCat("holdfast/audit/", call.principal().tenant());
}

absl::StatusOr<std::optional<v1::CheckpointRow>> LastOf(const readmodel::Reader& reader) {
  return reader.Get<CheckpointList>(CheckpointList::kLast);
}

absl::Status Grow(const readmodel::Reader& reader, TreeFiles& tree) {
  std::vector<Hash> leaves;
  std::uint64_t next = tree.size();
  absl::Status status;
  const std::string after = next == 0 ? "" : SortableKey(next - 1);
  RETURN_IF_ERROR(
      reader.Scan<Entries>("", after, 0, [&](std::string_view, const v1::BundleEntry& entry) {
        // An entry without the one before it is not there yet.
        if (entry.index() != next) return false;
        leaves.push_back(security::AuditLeaf(entry));
        ++next;
        if (leaves.size() == kTile) {
          status = tree.Append(leaves);
          leaves.clear();
        }
        return status.ok();
      }));
  RETURN_IF_ERROR(status);
  return tree.Append(leaves);
}

absl::StatusOr<bool> GivesRoot(const TreeFiles& tree, const v1::CheckpointRow& last) {
  if (tree.size() < last.size()) return false;
  ASSIGN_OR_RETURN(const Hash root, tree.RootAt(last.size()));
  return AsBytes(root) == last.root();
}

// The tree up to the last entry. Files that do not give the signed root are made anew from the
// entries, once.
absl::StatusOr<TreeFiles> GrownTree(const app::CallContext& call, const readmodel::Reader& reader,
                                    const std::optional<v1::CheckpointRow>& last) {
  ASSIGN_OR_RETURN(TreeFiles tree, TreeFiles::Open(TreeFolder(call)));
  RETURN_IF_ERROR(Grow(reader, tree));
  if (!last) return tree;
  ASSIGN_OR_RETURN(bool good, GivesRoot(tree, *last));
  if (!good) {
    RETURN_IF_ERROR(tree.Clear());
    RETURN_IF_ERROR(Grow(reader, tree));
    ASSIGN_OR_RETURN(good, GivesRoot(tree, *last));
  }
  if (good) return tree;
  return ErrorWithReason(absl::StatusCode::kDataLoss, "LOG_REWRITTEN",
                         "The entries of the audit log no longer give the root that was signed. "
                         "Nothing is signed any more: keep the data as it is, and follow the "
                         "runbook.");
}

struct Signed {
  v1::SignCheckpointResponse answer;
  std::optional<type::v1::Receipt> receipt;  // where it was signed now
};

absl::StatusOr<Signed> Sign(app::CallContext& call, const readmodel::Reader& reader) {
  const absl::MutexLock lock(&Growing());
  Signed result;
  v1::SignCheckpointResponse& answer = result.answer;
  ASSIGN_OR_RETURN(const auto last, LastOf(reader));
  if (last) answer.set_note(last->note());
  ASSIGN_OR_RETURN(const TreeFiles tree, GrownTree(call, reader, last));
  if (tree.size() == (last ? last->size() : 0)) return result;
  ASSIGN_OR_RETURN(const Key key, LogKey(call));
  ASSIGN_OR_RETURN(const Hash root, tree.RootAt(tree.size()));
  const security::Checkpoint checkpoint{OriginOf(call), tree.size(), root};
  auto publish = std::make_unique<v1::PublishCheckpoint>();
  publish->set_size(checkpoint.size);
  publish->set_root(std::string(AsBytes(root)));
  publish->set_note(security::FormatCheckpoint(
      {checkpoint, {security::SignCheckpoint(checkpoint, checkpoint.origin, *key)}}));
  answer.set_note(publish->note());
  answer.set_signed_now(true);
  const std::string step = absl::StrCat("checkpoint/", checkpoint.size);
  ASSIGN_OR_RETURN(result.receipt, call.Submit({std::move(publish), step}));
  return result;
}

}  // namespace

absl::StatusOr<v1::SignCheckpointResponse> SignCheckpoint(const v1::SignCheckpointRequest&,
                                                          app::CallContext& call) {
  ASSIGN_OR_RETURN(Signed done, Sign(call, call.reader()));
  return std::move(done.answer);
}

absl::StatusOr<v1::GetCheckpointResponse> GetCheckpoint(const v1::GetCheckpointRequest& request,
                                                        app::CallContext& call) {
  v1::GetCheckpointResponse answer;
  ASSIGN_OR_RETURN(const auto last, LastOf(call.reader()));
  *answer.mutable_as_of() = call.reader().as_of();
  const std::uint64_t size = last ? last->size() : 0;
  if (request.grown_from() > size) {
    return ErrorWithReason(
        absl::StatusCode::kOutOfRange, "NOT_GROWN_FROM",
        "The last checkpoint is smaller than the tree you have seen. Where it stays so, the log "
        "lost entries: keep what you have, and tell its force.");
  }
  if (!last) return answer;
  answer.set_note(last->note());
  answer.set_size(size);
  ASSIGN_OR_RETURN(const Key key, LogKey(call));
  answer.set_public_key(key->public_key().Pem());
  if (request.grown_from() == 0) return answer;
  const absl::MutexLock lock(&Growing());
  ASSIGN_OR_RETURN(const TreeFiles tree, GrownTree(call, call.reader(), last));
  ASSIGN_OR_RETURN(const std::vector<Hash> proof, tree.Consistency(request.grown_from(), size));
  for (const Hash& hash : proof) answer.add_consistency(std::string(AsBytes(hash)));
  return answer;
}

absl::StatusOr<v1::AddCosignatureResponse> AddCosignature(const v1::AddCosignatureRequest& request,
                                                          app::CallContext& call) {
  const auto note = security::ParseCheckpoint(request.note());
  if (!note.ok()) {
    return InvalidFields({{"note", "a checkpoint as GetCheckpoint gives it, with one more line"}});
  }
  ASSIGN_OR_RETURN(const auto last, LastOf(call.reader()));
  if (!last || note->checkpoint.size != last->size() ||
      AsBytes(note->checkpoint.root) != last->root() || note->checkpoint.origin != OriginOf(call)) {
    return ErrorWithReason(absl::StatusCode::kFailedPrecondition, "NOT_THE_LAST",
                           "This is not the last checkpoint: fetch that, and sign it.");
  }
  v1::AddCosignatureResponse answer;
  bool known = false;
  absl::Status status;
  std::optional<type::v1::Receipt> recorded;
  RETURN_IF_ERROR(
      call.reader().Scan<WitnessList>("", "", 0, [&](std::string_view, const v1::WitnessRow& row) {
        const auto key = security::Ed25519PublicKey::FromPem(row.public_key());
        if (row.retired() || key == nullptr) return true;
        const security::NoteKey witness{row.name(), key.get()};
        for (const security::NoteSignature& signature : note->signatures) {
          if (!security::CosignedBy({note->checkpoint, {signature}}, witness)) continue;
          known = true;
          if (std::ranges::find(last->witnesses(), row.name()) != last->witnesses().end())
            return true;
          auto record = std::make_unique<v1::RecordCosignature>();
          record->set_size(last->size());
          record->set_witness(row.name());
          record->set_line(security::FormatSignature(signature));
          auto receipt = call.Submit({std::move(record), "cosignature/" + row.name()});
          status = receipt.status();
          if (!status.ok()) return false;
          recorded = *std::move(receipt);
          answer.add_witnesses(row.name());
          return true;
        }
        return true;
      }));
  RETURN_IF_ERROR(status);
  // Whoever asks for the checkpoint now finds it there.
  if (recorded) RETURN_IF_ERROR(call.ReadAfter(*recorded).status());
  if (!known) {
    return ErrorWithReason(absl::StatusCode::kFailedPrecondition, "NO_WITNESS",
                           "None of its signatures is by a witness that is registered here: "
                           "register it by RegisterWitness.");
  }
  return answer;
}

namespace {

// Enough of them to name what was changed, and the last.
absl::StatusOr<v1::BundleHead> HeadFrom(std::uint64_t from, const app::CallContext& call,
                                        const readmodel::Reader& reader,
                                        const v1::CheckpointRow& last, const TreeFiles& tree) {
  v1::BundleHead head;
  head.set_origin(OriginOf(call));
  head.set_first(from);
  ASSIGN_OR_RETURN(const std::vector<Hash> prefix, tree.Prefix(from));
  for (const Hash& hash : prefix) head.add_prefix(std::string(AsBytes(hash)));
  const std::uint64_t apart =
      std::max(kCheckpointEvery, (last.size() - from) / kMostCheckpoints + 1);
  std::uint64_t next = from + apart;
  RETURN_IF_ERROR(reader.Scan<CheckpointList>("", SortableKey(from), 0,
                                              [&](std::string_view, const v1::CheckpointRow& row) {
                                                if (row.size() >= last.size()) return false;
                                                if (row.size() < next) return true;
                                                head.add_checkpoints(row.note());
                                                next = row.size() + apart;
                                                return true;
                                              }));
  head.add_checkpoints(last.note());
  return head;
}

// Entries, and a tile before so many of them.
class PartSink {
 public:
  explicit PartSink(const app::Sink<v1::BundlePart>& sink) : sink_(sink) {}

  bool Add(const v1::BundleEntry& entry) {
    entries_.push_back(entry);
    return entries_.size() < kTile || Flush();
  }
  bool Flush() {
    if (entries_.empty()) return true;
    v1::BundlePart part;
    part.mutable_tile()->set_first(entries_.front().index());
    for (const v1::BundleEntry& entry : entries_)
      part.mutable_tile()->mutable_leaf_hashes()->append(AsBytes(security::AuditLeaf(entry)));
    bool takes = sink_(part);
    for (v1::BundleEntry& entry : entries_) {
      *part.mutable_entry() = std::move(entry);
      takes = takes && sink_(part);
    }
    entries_.clear();
    return takes;
  }

 private:
  const app::Sink<v1::BundlePart>& sink_;
  std::vector<v1::BundleEntry> entries_;
};

// The export is an entry of the log itself, written before anything leaves.
absl::StatusOr<type::v1::Receipt> LogExport(app::CallContext& call) {
  auto record = std::make_unique<v1::RecordAccess>();
  v1::AuditRecord& entry = *record->add_records();
  *entry.mutable_time() = ToTimestamp(call.now());
  entry.add_verbs(options::v1::Audit::DISCLOSE);
  entry.set_actor_ref(call.principal().actor_ref());
  entry.set_agency(call.principal().agency());
  entry.set_principal_kind(v1::PrincipalKind::PERSON);
  entry.set_purpose(call.purpose());
  entry.set_method("/holdfast.audit.v1.AuditService/ExportForRegulator");
  entry.add_resource_refs("log/main");
  entry.set_decision_id("export");
  entry.set_outcome(v1::Outcome::SERVED);
  return call.Submit({std::move(record), "export"});
}

}  // namespace

absl::Status ExportForRegulator(const v1::ExportForRegulatorRequest& request,
                                app::CallContext& call, const app::Sink<v1::BundlePart>& sink) {
  ASSIGN_OR_RETURN(const type::v1::Receipt logged, LogExport(call));
  ASSIGN_OR_RETURN(auto reader, call.ReadAfter(logged));
  ASSIGN_OR_RETURN(const Signed done, Sign(call, *reader));
  if (done.receipt) {
    ASSIGN_OR_RETURN(reader, call.ReadAfter(*done.receipt));
  }
  ASSIGN_OR_RETURN(const auto last, LastOf(*reader));
  if (!last || last->size() <= request.from()) {
    return ErrorWithReason(absl::StatusCode::kFailedPrecondition, "NOTHING_SIGNED",
                           "No checkpoint covers entries from there on: choose an earlier one.");
  }
  v1::BundlePart part;
  {
    const absl::MutexLock lock(&Growing());
    ASSIGN_OR_RETURN(const TreeFiles tree, GrownTree(call, *reader, last));
    ASSIGN_OR_RETURN(*part.mutable_head(), HeadFrom(request.from(), call, *reader, *last, tree));
  }
  if (!sink(part)) return absl::CancelledError("");
  PartSink parts(sink);
  bool takes = true;
  const std::string after = request.from() == 0 ? "" : SortableKey(request.from() - 1);
  RETURN_IF_ERROR(
      reader->Scan<Entries>("", after, 0, [&](std::string_view, const v1::BundleEntry& entry) {
        takes = entry.index() < last->size() && parts.Add(entry);
        return takes && !call.cancelled();
      }));
  return parts.Flush() ? absl::OkStatus() : absl::CancelledError("");
}

}  // namespace holdfast::audit
