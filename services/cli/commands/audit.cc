// audit verify | export | checkpoint | cosign | witness add | witness retire
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "holdfast/audit/v1/audit.pb.h"
#include "holdfast/audit/v1/bundle.pb.h"
#include "holdfast/type/v1/type.pb.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "archive/durable_file.h"
#include "archive/key_file.h"
#include "base/status_macros.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/invocation.h"
#include "cli/progress.h"
#include "cli/rpc_names.h"
#include "cli/session.h"
#include "security/audit_bundle.h"
#include "security/checkpoint.h"
#include "security/merkle_tree.h"

namespace holdfast::cli {
namespace {

namespace v1 = audit::v1;
using Key = std::shared_ptr<const security::Ed25519PublicKey>;

constexpr char kPurpose[] = "LAWFULNESS_CHECK";
constexpr std::size_t kMaxStateBytes = 32'768;

struct Witness {
  std::string name;
  Key key;
};

absl::StatusOr<std::vector<Witness>> WitnessesOf(const Invocation& in) {
  std::vector<Witness> witnesses;
  for (const std::string& given : in.GetAll("--witness")) {
    const std::size_t at = given.find('=');
    if (at == std::string::npos || at == 0) {
      return UsageError("--witness wants a name and a file, such as eastvale=eastvale.pub");
    }
    ASSIGN_OR_RETURN(Key key, archive::ReadPublicKey(given.substr(at + 1)));
    witnesses.push_back({given.substr(0, at), std::move(key)});
  }
  return witnesses;
}

absl::Status Verify(Invocation& in) {
  ASSIGN_OR_RETURN(const Key key, archive::ReadPublicKey(in.Get("--key")));
  ASSIGN_OR_RETURN(const std::vector<Witness> witnesses, WitnessesOf(in));
  security::BundleKeys keys{key.get(), {}};
  for (const Witness& witness : witnesses)
    keys.witnesses.push_back({witness.name, witness.key.get()});
  std::ifstream bundle(in.Get("BUNDLE"), std::ios::binary);
  if (!bundle) return UsageError(absl::StrCat(in.Get("BUNDLE"), " cannot be read."));
  ASSIGN_OR_RETURN(const security::BundleVerdict verdict, security::VerifyBundle(bundle, keys));
  if (!verdict.holds()) {
    const std::string proved =
        verdict.proved == verdict.first
            ? std::string("no record before it is proved")
            : absl::StrCat("records ", verdict.first, " to ", verdict.proved,
                           " (not included) are as ", verdict.origin, " signed them");
    return absl::DataLossError(absl::StrCat(verdict.fault->Sentence(), "; ", proved));
  }
  Say(absl::StrCat("records ", verdict.first, " to ", verdict.proved, " (not included) are as ",
                   verdict.origin, " signed them; witnesses: ",
                   verdict.witnesses.empty() ? "none" : absl::StrJoin(verdict.witnesses, ", ")));
  Rows rows{{"origin", "first", "next", "witnesses"}, {}, {false, true, true, true}};
  rows.rows.push_back({verdict.origin, absl::StrCat(verdict.first), absl::StrCat(verdict.proved),
                       absl::StrCat(verdict.witnesses.size())});
  return in.output().Print(rows);
}

absl::StatusOr<std::uint64_t> FromOf(const Invocation& in) {
  std::uint64_t from = 0;
  if (!in.Has("--from") || absl::SimpleAtoi(in.Get("--from"), &from)) return from;
  return UsageError("--from wants the number of a record, such as 0");
}

// Into a file beside it first: there is a whole bundle, or none.
absl::Status Export(Invocation& in) {
  ASSIGN_OR_RETURN(const std::uint64_t from, FromOf(in));
  const std::string path = in.Get("FILE");
  const std::string part_path = path + ".part";
  std::error_code error;
  if (std::filesystem::exists(path, error)) {
    return UsageError(absl::StrCat(path, " is there already; name another file."));
  }
  RETURN_IF_ERROR(in.session().SignIn());
  v1::ExportForRegulatorRequest request;
  request.set_from(from);
  rpc::CallOptions options = in.session().Options();
  if (options.purpose.empty()) options.purpose = kPurpose;
  const auto watch = in.session().client().OpenWatch(Audit("ExportForRegulator"), request, options);
  std::uint64_t records = 0;
  {
    std::ofstream out(part_path, std::ios::binary | std::ios::trunc);
    security::BundleWriter writer(out);
    Progress progress("records");
    v1::BundlePart part;
    while (true) {
      const absl::StatusOr<bool> more = watch->Read(part);
      if (!more.ok() || !*more) {
        if (more.ok()) break;
        std::filesystem::remove(part_path, error);
        return more.status();
      }
      if (part.has_entry()) progress.Count(++records);
      if (!writer.Write(part)) break;
    }
    out.flush();
    if (!out) {
      std::filesystem::remove(part_path, error);
      return absl::UnavailableError(absl::StrCat(path, " cannot be written"));
    }
  }
  std::filesystem::rename(part_path, path, error);
  if (error) return absl::UnavailableError(absl::StrCat(path, " cannot be written"));
  Say(absl::StrCat(records, " records; check them anywhere by: holdfast audit verify ", path,
                   " --key PUB, with the key of holdfast audit checkpoint --key-file PUB"));
  return absl::OkStatus();
}

absl::StatusOr<v1::GetCheckpointResponse> Fetch(Invocation& in, std::uint64_t grown_from) {
  v1::GetCheckpointRequest request;
  request.set_grown_from(grown_from);
  v1::GetCheckpointResponse answer;
  RETURN_IF_ERROR(in.session().Call(Audit("GetCheckpoint"), request, answer));
  return answer;
}

absl::Status ShowCheckpoint(Invocation& in) {
  ASSIGN_OR_RETURN(const v1::GetCheckpointResponse last, Fetch(in, 0));
  if (last.note().empty()) {
    Say("nothing has been logged yet, and so nothing is signed");
    return absl::OkStatus();
  }
  if (in.Has("--key-file")) {
    RETURN_IF_ERROR(archive::WriteDurably(in.Get("--key-file"), last.public_key(),
                                          archive::DurableFile::Existing::kKept));
  }
  Rows rows{{"size", "note"}, {}, {true}};
  rows.rows.push_back({absl::StrCat(last.size()), last.note()});
  return in.output().Print(last, rows);
}

// What a witness remembers of one log: its key, then the last note that it signed.
struct Seen {
  std::string public_key;
  security::SignedCheckpoint last;  // size 0: none yet
};

absl::StatusOr<Seen> ReadSeen(const std::string& path) {
  Seen seen;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return seen;
  ASSIGN_OR_RETURN(const std::string text, archive::ReadSmallFile(path, kMaxStateBytes));
  constexpr std::string_view kEnd = "-----END PUBLIC KEY-----\n";
  const std::size_t end = text.find(kEnd);
  if (end == std::string::npos) {
    return absl::FailedPreconditionError(absl::StrCat(
        path, " is no state of a witness. If it is lost, retire this witness and begin a new one"));
  }
  seen.public_key = text.substr(0, end + kEnd.size());
  ASSIGN_OR_RETURN(seen.last,
                   security::ParseCheckpoint(std::string_view(text).substr(end + kEnd.size())));
  return seen;
}

std::vector<Hash> HashesOf(const v1::GetCheckpointResponse& answer) {
  std::vector<Hash> hashes;
  for (const std::string& bytes : answer.consistency()) {
    Hash hash{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), hash.size()), hash.begin());
    hashes.push_back(hash);
  }
  return hashes;
}

absl::Status Forked(const std::string& why) {
  return absl::DataLossError(absl::StrCat(
      why, "; not signed. Keep the state file and the note as evidence, and tell the force"));
}

// Whether the log only added to what this witness has signed.
absl::Status CheckGrown(const Seen& seen, const security::SignedCheckpoint& now,
                        const v1::GetCheckpointResponse& answer) {
  const auto key = security::Ed25519PublicKey::FromPem(answer.public_key());
  if (key == nullptr || !security::IsSignedBy(now, {now.checkpoint.origin, key.get()})) {
    return Forked("the checkpoint is not signed by the log's own key");
  }
  if (seen.public_key.empty()) return absl::OkStatus();
  if (seen.public_key != answer.public_key() ||
      seen.last.checkpoint.origin != now.checkpoint.origin) {
    return Forked("the log has another key or name than the one this witness knows");
  }
  if (!security::VerifyConsistency(seen.last.checkpoint.size, seen.last.checkpoint.root,
                                   now.checkpoint.size, now.checkpoint.root, HashesOf(answer))) {
    return Forked("the log does not contain what this witness has signed before");
  }
  return absl::OkStatus();
}

absl::Status Cosign(Invocation& in) {
  ASSIGN_OR_RETURN(const auto key, archive::ReadPrivateKey(in.Get("--key")));
  const std::string state = in.Get("--state");
  ASSIGN_OR_RETURN(const Seen seen, ReadSeen(state));
  ASSIGN_OR_RETURN(const v1::GetCheckpointResponse answer, Fetch(in, seen.last.checkpoint.size));
  if (answer.note().empty()) {
    Say("nothing has been logged yet, and so there is nothing to sign");
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(security::SignedCheckpoint now, security::ParseCheckpoint(answer.note()));
  RETURN_IF_ERROR(CheckGrown(seen, now, answer));
  // Remembered before it is signed: a witness never signs two trees that do not fit.
  RETURN_IF_ERROR(archive::WriteDurably(state,
                                        answer.public_key() + security::FormatCheckpoint(now),
                                        archive::DurableFile::Existing::kReplaced));
  now.signatures.push_back(
      security::CosignCheckpoint(now.checkpoint, in.Get("NAME"), *key, absl::Now()));
  v1::AddCosignatureRequest request;
  request.set_note(security::FormatCheckpoint(now));
  v1::AddCosignatureResponse taken;
  RETURN_IF_ERROR(in.session().Call(Audit("AddCosignature"), request, taken));
  Say(absl::StrCat("signed: ", now.checkpoint.origin, ", ", now.checkpoint.size, " records"));
  return absl::OkStatus();
}

absl::Status AddWitness(Invocation& in) {
  ASSIGN_OR_RETURN(const Key key, archive::ReadPublicKey(in.Get("FILE")));
  v1::RegisterWitness command;
  command.set_name(in.Get("NAME"));
  command.set_public_key(key->Pem());
  type::v1::Receipt receipt;
  RETURN_IF_ERROR(in.session().Command(Audit("RegisterWitness"), command, receipt));
  Say(absl::StrCat("witness ", command.name(), " is registered, key ", key->Fingerprint()));
  return absl::OkStatus();
}

absl::Status RetireWitness(Invocation& in) {
  v1::RetireWitness command;
  command.set_name(in.Get("NAME"));
  command.set_reason(in.Get("--reason"));
  type::v1::Receipt receipt;
  RETURN_IF_ERROR(in.session().Command(Audit("RetireWitness"), command, receipt));
  Say(absl::StrCat("witness ", command.name(), " is retired; its name is not given again"));
  return absl::OkStatus();
}

}  // namespace

Commands AuditCommands() {
  const Positional name = {"NAME", "Of the witness, as the log's force registered it"};
  return {
      {"audit verify",
       "Check a stretch of the audit log from its file alone, and name the first record that was "
       "altered, left out, added or moved",
       {{"BUNDLE", "The file, as it was exported"}},
       {{"--key", "FILE", "The public key of the log", true},
        {"--witness", "NAME=FILE", "A witness that should have signed too, and its public key",
         false, true}},
       "holdfast audit verify westmoor.audit --key westmoor-log.pub --witness "
       "eastvale=eastvale.pub",
       Verify},
      {"audit export",
       "Write the audit log as a bundle that anybody can check; personal fields stay sealed. The "
       "export is logged",
       {{"FILE", "Where it goes; never in place of another"}},
       {{"--from", "N", "From that record on; 0 unless said"}},
       "holdfast audit export westmoor.audit --as auditor",
       Export},
      {"audit checkpoint",
       "The last signed checkpoint of the audit log, with the witnesses' signatures",
       {},
       {{"--key-file", "FILE", "Write the log's public key there"}},
       "holdfast audit checkpoint --as auditor --key-file westmoor-log.pub",
       ShowCheckpoint},
      {"audit cosign",
       "As a witness: fetch the last checkpoint, prove that the log only grew since the last time, "
       "and sign it. To be run again and again",
       {name},
       {{"--key", "FILE", "The witness's private key, as holdfast backup key makes it", true},
        {"--state", "FILE", "What it has signed before: keep it, apart from the log", true}},
       "holdfast audit cosign eastvale --key eastvale.key --state westmoor.seen --as auditor",
       Cosign},
      {"audit witness add",
       "Register who may cosign this log",
       {name, {"FILE", "Its public key"}},
       {},
       "holdfast audit witness add eastvale eastvale.key.pub --as administrator",
       AddWitness},
      {"audit witness retire",
       "A witness signs no more, for good",
       {name},
       {{"--reason", "TEXT", "Why", true}},
       "holdfast audit witness retire eastvale --reason \"key was lost\" --as administrator",
       RetireWitness},
  };
}

}  // namespace holdfast::cli
